//! Mistakes in scenario files: each is reported at its place, with a way out, and exits with 2.

use crate::support::{Place, code, steady};

/// The least that a scenario says.
const HEAD: &str = "title    = \"A test\"\npattern  = \"echo\"\nduration = \"20s\"\n";

/// Runs one scenario for each case and returns all that was said.
fn said(cases: &[(&str, String)]) -> String {
    let place = Place::new();
    let mut all = String::new();
    for (name, text) in cases {
        let file = format!("{}.toml", name.replace(' ', "_"));
        place.write(&file, text);
        let ran = place.run(&["run", &file]).exits(code::BAD_INPUT);
        assert_eq!(ran.out, "", "{name}: a file with mistakes has no results");
        all.push_str(&format!("──── {name}\n{}\n", ran.err));
    }
    assert!(!place.path("out").exists(), "a file with mistakes leaves no output");
    all
}

fn after_head(cases: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    cases.iter().map(|(name, text)| (*name, format!("{HEAD}{text}\n"))).collect()
}

fn instead_of<'a>(old: &str, cases: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    assert!(HEAD.contains(old));
    cases.iter().map(|(name, new)| (*name, HEAD.replace(old, new))).collect()
}

macro_rules! snapshot {
    ($name:literal, $said:expr) => {
        steady(|| insta::assert_snapshot!($name, $said))
    };
}

#[test]
fn files_that_are_no_scenarios() {
    let cases = [
        ("empty", String::new()),
        ("broken", "title = \"x\npattern = \"echo\"\n".into()),
        ("no pattern", "title = \"A test\"\nduration = \"20s\"\n".into()),
        ("pattern misspelt", HEAD.replace("pattern ", "patern ")),
        ("pattern no text", "title = \"A test\"\npattern = 3\n".into()),
        ("no title and no duration", "pattern = \"echo\"\n".into()),
        ("key twice", format!("{HEAD}seed = 1\nseed = 2\n")),
        ("table twice", format!("{HEAD}[config]\n[network]\n[config]\n")),
    ];
    snapshot!("files_that_are_no_scenarios", said(&cases));
}

#[test]
fn unknown_names_come_with_the_nearest_known_one() {
    let mut cases = instead_of("echo", &[("pattern", "ecco"), ("pattern unlike any", "zzz")]);
    cases.extend(after_head(&[
        ("table", "[netwrok]\nlatency = \"5ms\""),
        ("setting", "[config]\ntimout = \"5ms\""),
        ("value", "[config]\ndelivery = \"exactly_once\""),
        ("value unlike any", "[config]\ndelivery = \"sometimes\""),
        ("property", "[expect]\nviolates = [\"no-request-is-executed\"]"),
        ("property ignored", "[expect]\nignores = [\"no-panics\"]"),
        ("counter", "[expect]\nretrys = 0"),
        ("role", "[[fault]]\nat = \"1s\"\ncrash = { role = \"sever\" }"),
        ("selector", "[[fault]]\nat = \"1s\"\ncrash = { rol = \"server\" }"),
        ("region", "[[fault]]\nat = \"1s\"\ncrash = { region = \"eu\" }"),
        ("link", "[[network.link]]\nfrom = \"srever\"\nto = \"c1\""),
    ]));
    snapshot!("unknown_names_come_with_the_nearest_known_one", said(&cases));
}

#[test]
fn quantities_need_their_units() {
    let mut cases = instead_of(
        "\"20s\"",
        &[
            ("unit missing", "20"),
            ("unit missing after a fraction", "20.5"),
            ("unit unknown", "\"20 parsecs\""),
            ("duration negative", "\"-20s\""),
            ("duration zero", "\"0s\""),
        ],
    );
    cases.extend(after_head(&[
        ("range upside down", "[network]\nlatency = \"8ms..1ms\""),
        ("tail upside down", "[network]\nlatency = { median = \"40ms\", p99 = \"2ms\" }"),
        ("tail without p99", "[network]\nlatency = { median = \"40ms\" }"),
        ("rate without a unit", "[workload]\npace = { rate = \"200\" }"),
    ]));
    snapshot!("quantities_need_their_units", said(&cases));
}

#[test]
fn numbers_have_bounds() {
    let cases = after_head(&[
        ("loss above one", "[network]\nloss = 1.5"),
        ("loss above all", "[network]\nloss = \"120%\""),
        ("loss negative", "[network]\nloss = -0.1"),
        ("loss no number", "[network]\nloss = true"),
        ("seed negative", "seed = -4"),
        ("seed a text", "seed = \"lucky\""),
        ("seed a fraction", "seed = 1.5"),
        ("no clients", "[workload]\nclients = 0"),
        ("a billion clients", "[workload]\nclients = 1_000_000_000"),
        ("more clients than a number holds", "[workload]\nclients = 10_000_000_000"),
        ("no events", "[limits]\nevents = 0"),
    ]);
    snapshot!("numbers_have_bounds", said(&cases));
}

#[test]
fn types_are_named_as_the_file_writes_them() {
    let cases = after_head(&[
        ("text for table", "network = \"fast\""),
        ("text for list", "fault = \"crash\""),
        ("single brackets", "[fault]\nat = \"3s\"\ncrash = \"server\""),
        ("list left out", "[expect]\nviolates = \"no-panic\""),
        ("text for number", "[workload]\nclients = \"three\""),
        ("text for table within a table", "[workload]\npace = \"20ms\""),
        ("pace of nothing", "[workload]\npace = {}"),
    ]);
    snapshot!("types_are_named_as_the_file_writes_them", said(&cases));
}

#[test]
fn faults_must_be_able_to_strike() {
    let cases = after_head(&[
        ("nobody of this name", "[[fault]]\nat = \"1s\"\ncrash = \"servr\""),
        ("nobody in a group", "[[fault]]\nat = \"1s\"\npartition = [[\"server\"], [\"c1\", \"backup\"]]"),
        ("empty list", "[[fault]]\nat = \"1s\"\ncrash = []"),
        ("after the end", "[[fault]]\nat = \"30s\"\ncrash = \"server\""),
        ("for no time", "[[fault]]\nat = \"3s\"\nfor = \"0s\"\ncrash = \"server\""),
        ("again before it ends", "[[fault]]\nat = \"3s\"\nfor = \"2s\"\nevery = \"1s\"\ncrash = \"server\""),
        (
            "until before it begins",
            "[[fault]]\nat = \"3s\"\nfor = \"1s\"\nevery = \"2s\"\nuntil = \"2s\"\ncrash = \"server\"",
        ),
        ("no action", "[[fault]]\nat = \"3s\""),
        ("two actions", "[[fault]]\nat = \"3s\"\ncrash = \"server\"\npause = \"server\""),
        ("one group", "[[fault]]\nat = \"3s\"\npartition = [[\"server\"]]"),
    ]);
    snapshot!("faults_must_be_able_to_strike", said(&cases));
}

#[test]
fn expectations_must_be_able_to_hold() {
    let cases = after_head(&[
        ("bounds of another unit", "[expect]\nlatency_p99 = \"<= 4\"\navailability = \"< 4ms\"\nretries = \"> 4%\""),
        ("no bound", "[expect]\nretries = \"about 4\""),
        ("a fraction", "[expect]\nretries = 4.5"),
        (
            "no time to settle",
            "[[fault]]\nat = \"18s\"\nfor = \"1s\"\ncrash = \"server\"\n[expect]\nsettles_within = \"5s\"",
        ),
        ("no time at all", "[expect]\nsettles_within = \"30s\""),
        ("break and ignore", "[expect]\nviolates = [\"no-panic\"]\nignores = [\"no-panic\"]"),
    ]);
    snapshot!("expectations_must_be_able_to_hold", said(&cases));
}

/// Everything that the reader of types can find, down to the last line, although the first mistake is in the third.
#[test]
fn several_mistakes_are_reported_together_in_the_order_of_the_file() {
    let cases = [(
        "several",
        r#"title    = "Several mistakes"
pattern  = "echo"
seed     = -4
duration = 20

[config]
timout = "50ms"
delivery = "twice"

[workload]
clients = "three"

[network]
latency = "8ms..1ms"
loss = 1.5

[[fault]]
att = "3s"
crash = "server"

[[fault]]
for = "3s"

[expect]
retries = "about 3"
"#
        .to_string(),
    )];
    snapshot!("several_mistakes", said(&cases));
}

/// Mistakes that show only once the whole file has been read are collected too.
#[test]
fn several_contradictions_are_reported_together() {
    let cases = [(
        "contradictions",
        r#"title    = " "
pattern  = "echo"
duration = "20s"

[workload]
clients = 0

[network]
max_in_flight = 0

[[fault]]
at = "30s"
crash = "server"

[[fault]]
at = "3s"

[expect]
retrys = 3
latency_p99 = "3%"
"#
        .to_string(),
    )];
    snapshot!("several_contradictions", said(&cases));
}

#[test]
fn a_nemesis_that_cannot_be_meant_is_refused() {
    let head = "title = \"T\"\npattern = \"raft\"\nduration = \"10s\"\n[nemesis]\n";
    let mut said = String::new();
    for nemesis in [
        "kinds = [\"crush\"]",
        "kinds = []",
        "kinds = [\"blackout\"]",
        "kinds = [\"crash\"]\ntargets = [\"majority\"]",
        "kinds = [\"crash\"]\ntargets = [{ one = \"boss\" }]",
        "kinds = [\"crash\"]\nevery = \"0s\"\nfor = \"0s\"\nat_once = 0",
        "kinds = [\"crash\"]\nfrom = \"9s\"",
        "kinds = [\"crash\"]\nevery = \"2s..1s\"",
        "kinds = [\"crash\"]\n[expect]\nsettle = { within = \"10s\" }",
    ] {
        let place = Place::with(&[("s.toml", &format!("{head}{nemesis}\n"))]);
        let ran = place.run(&["run", "s.toml", "--no-files"]).exits(code::BAD_INPUT);
        said.push_str(&format!("{nemesis}\n\n{}\n", ran.err));
    }
    steady(|| insta::assert_snapshot!("nemesis_mistakes", said));
}
