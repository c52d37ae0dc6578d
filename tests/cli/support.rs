//! A folder to run the command in, and what it said there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The exit codes that the documentation promises.
pub(crate) mod code {
    pub(crate) const PASSED: i32 = 0;
    pub(crate) const VIOLATED: i32 = 1;
    pub(crate) const BAD_INPUT: i32 = 2;
    pub(crate) const UNKNOWN: i32 = 4;
}

/// A scenario that passes, quickly.
pub(crate) const GOOD: &str = r#"
title    = "Every request is answered"
pattern  = "echo"
duration = "2s"
"#;

/// A scenario that fails.
pub(crate) const BAD: &str = r#"
title    = "Too many requests are lost"
pattern  = "echo"
duration = "2s"

[config]
delivery = "at-most-once"
give_up  = "100ms"

[network]
loss = "30%"
"#;

/// A folder of its own for one test.
pub(crate) struct Place(TempDir);

/// How a command ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let place = Self::new();
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The command, about to run in this folder with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_faultlab"));
        command.args(arguments).current_dir(self.0.path());
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// All files and folders below this one, sorted; folders end with a slash.
    pub(crate) fn tree(&self) -> Vec<String> {
        fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(root).unwrap().display().to_string();
                if path.is_dir() {
                    found.push(format!("{name}/"));
                    walk(root, &path, found);
                } else {
                    found.push(name);
                }
            }
        }
        let mut found = Vec::new();
        walk(self.0.path(), self.0.path(), &mut found);
        found.sort();
        found
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("all that is printed is UTF-8");
        let code = output.status.code().expect("the command was not killed");
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// Asserts the exit code; what was said is shown if it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.err.contains("this is a fault of faultlab"), "{}", self.err);
        self
    }
}

/// Replaces what differs between versions of Faultlab or of its catalogue.
pub(crate) fn steady<R>(check: impl FnOnce() -> R) -> R {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"Digest [0-9a-f]{32}", "Digest [digest]");
    settings.add_filter(r"the patterns are: [a-z-]+(, [a-z-]+)*", "the patterns are: [patterns]");
    settings.add_filter(r"Simulated .*", "Simulated [speed]");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(check)
}
