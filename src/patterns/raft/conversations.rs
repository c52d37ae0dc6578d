//! Golden conversations: each script in `scripts/` is named as a claim, and its recorded answer shows that it holds.
//!
//! Lines that begin with `#!` are settings; there are five servers unless one says otherwise. Run with `INSTA_UPDATE=always` to record anew, and read the difference.

use super::Config;
use super::stage::RaftStage;

#[test]
fn conversations_go_as_recorded() {
    insta::glob!("scripts/*.txt", |path| {
        let script = std::fs::read_to_string(path).unwrap();
        let settings: Vec<&str> = script.lines().filter_map(|line| line.strip_prefix("#!")).collect();
        let config: Config = toml::from_str(&settings.join("\n")).unwrap();
        let played = RaftStage::play(&config, &script);
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(played.unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        });
    });
}
