//! Lists the scenario files, so that the module carries them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn main() {
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../scenarios");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut list = String::from("pub static SCENARIOS: &[&str] = &[\n");
    for path in files(&root) {
        let _ = writeln!(list, "    include_str!({:?}),", path.canonicalize().unwrap());
    }
    list.push_str("];\n");
    let out = Path::new(&std::env::var("OUT_DIR").unwrap()).join("scenarios.rs");
    std::fs::write(out, list).unwrap();
}
