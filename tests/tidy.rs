//! The architecture, checked: which layer may use which, by reading the `use crate::` lines.
//!
//! The table is the one in ARCHITECTURE.md. A module may use its own layer and those below it.

use petgraph::algo::toposort;
use petgraph::graphmap::DiGraphMap;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// From low to high. The prelude is for users; nothing inside may lean on it.
const LAYERS: &[&str] = &["engine", "actor", "sim", "check", "report", "scenario", "explore", "patterns", "cli"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn layer_of(path: &Path, root: &Path) -> Option<&'static str> {
    let first = path.strip_prefix(root).unwrap().components().next()?.as_os_str().to_str()?;
    LAYERS.iter().find(|layer| first.trim_end_matches(".rs") == **layer).copied()
}

/// The layers that a source names behind `crate::`, comments aside.
fn used(source: &str) -> Vec<(&'static str, String)> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let names = |line: &str| -> Vec<(&'static str, String)> {
        line.match_indices("crate::")
            .filter(|(at, _)| !line[..*at].ends_with('$'))
            .filter_map(|(at, found)| {
                let rest = &line[at + found.len()..];
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                LAYERS.iter().find(|layer| **layer == name).map(|layer| (*layer, line.trim().to_string()))
            })
            .collect()
    };
    code.flat_map(names).collect()
}

#[test]
fn every_layer_uses_only_itself_and_those_below() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rank = |layer: &str| LAYERS.iter().position(|known| *known == layer).unwrap();
    let mut graph = DiGraphMap::<&str, ()>::new();
    let mut broken = Vec::new();
    for path in sources(&root) {
        let Some(layer) = layer_of(&path, &root) else { continue };
        for (other, line) in used(&std::fs::read_to_string(&path).unwrap()) {
            if other != layer {
                graph.add_edge(layer, other, ());
            }
            if rank(other) > rank(layer) {
                broken.push(format!(
                    "{}: {layer} must not use {other}: {line}",
                    path.strip_prefix(&root).unwrap().display()
                ));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(toposort(&graph, None).is_ok(), "the layers use each other in a circle");
    assert!(graph.edge_count() >= LAYERS.len(), "the test has found hardly any use of one layer by another");
}

/// Deleting a pattern's folder and its line must leave the rest compiling.
#[test]
fn nothing_below_the_patterns_names_one_of_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let patterns: BTreeMap<String, PathBuf> = std::fs::read_dir(root.join("patterns"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_string(), path))
        .collect();
    for path in sources(&root) {
        let inside = patterns.values().any(|folder| path.starts_with(folder)) || path.ends_with("patterns/mod.rs");
        let source = std::fs::read_to_string(&path).unwrap();
        for name in patterns.keys().filter(|_| !inside) {
            let named = source.lines().find(|line| line.contains(&format!("patterns::{name}")) && !line.contains("//"));
            assert!(named.is_none(), "{} names the pattern {name}: {named:?}", path.display());
        }
    }
}

/// The engine decides with integers alone.
#[test]
fn the_engine_knows_no_floating_point_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for layer in ["engine", "actor", "sim"] {
        for path in sources(&root.join(layer)) {
            let source = std::fs::read_to_string(&path).unwrap();
            let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
            let float = code.into_iter().find(|line| line.contains("f64") || line.contains("f32"));
            assert!(float.is_none(), "{}: {float:?}", path.display());
        }
    }
}
