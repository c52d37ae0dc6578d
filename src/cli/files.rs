//! Scenario files in, output files out.

use super::output::Failure;
use crate::patterns;
use crate::scenario::{self, AnyScenario};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The scenario files that the paths mean: files as they are, folders with all `*.toml` below them, sorted.
pub(super) fn find(paths: &[PathBuf]) -> super::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        collect(path, &mut found).map_err(|error| unreadable(path, &error))?;
        if found.len() == before {
            let message = format!("there is no scenario in the folder {}", path.display());
            return Err(Failure::input(message, "a scenario is a file that ends in .toml"));
        }
    }
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut entries = entries?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    Ok(())
}

/// Reads a scenario.
pub(super) fn load(path: &Path) -> super::Result<Box<dyn AnyScenario>> {
    let text = read_text(path)?;
    scenario::load(patterns::ALL, &path.display().to_string(), &text)
        .map_err(|error| Failure::Scenario(Box::new(error)))
}

/// Reads a file of text.
pub(super) fn read_text(path: &Path) -> super::Result<String> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("{}:{line}: the file is not valid UTF-8 from byte {} on", path.display(), valid.len());
        Failure::input(message, "save it as UTF-8")
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let help = match error.kind() {
        io::ErrorKind::NotFound => similar(path),
        io::ErrorKind::PermissionDenied => "check its permissions".into(),
        _ => "check the path".into(),
    };
    let what = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_string(),
        _ => error.to_string(),
    };
    Failure::input(format!("{}: {what}", path.display()), help)
}

/// Help for a path that does not exist: a scenario beside it whose name is similar.
fn similar(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut beside = Vec::new();
    let _ = collect(folder, &mut beside);
    let score = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        strsim::jaro_winkler(&written, &name)
    };
    let best = beside.iter().map(|path| (score(path), path)).max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((score, path)) if score > 0.8 => format!("did you mean {}?", path.display()),
        _ => "`faultlab list` shows the scenarios below this folder".into(),
    }
}

/// Files that appear all together or not at all: each is written under a temporary name beside its place, and they are
/// renamed when all are complete.
pub(super) struct Batch {
    folder: PathBuf,
    written: Vec<(PathBuf, PathBuf)>,
}

impl Batch {
    /// A batch of files in `folder`, which is made if it is missing.
    pub(super) fn new(folder: &Path) -> super::Result<Self> {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        Ok(Self { folder: folder.to_path_buf(), written: Vec::new() })
    }

    /// Writes one file of the batch; `write` fills it.
    pub(super) fn add(&mut self, name: &str, write: impl FnOnce(&mut fs::File) -> io::Result<()>) -> super::Result<()> {
        let place = self.folder.join(name);
        let folder = place.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        let file_name = place.file_name().unwrap_or_default().to_string_lossy();
        let temporary = folder.join(format!(".{file_name}.{}.tmp", std::process::id()));
        self.written.push((temporary.clone(), place.clone()));
        fs::File::create(&temporary).and_then(|mut file| write(&mut file)).map_err(|error| unwritable(&place, &error))
    }

    /// Puts every file in its place.
    pub(super) fn finish(mut self) -> super::Result<()> {
        for (temporary, place) in std::mem::take(&mut self.written) {
            fs::rename(&temporary, &place).map_err(|error| unwritable(&place, &error))?;
        }
        Ok(())
    }
}

/// What was not finished leaves nothing behind.
impl Drop for Batch {
    fn drop(&mut self) {
        for (temporary, _) in &self.written {
            let _ = fs::remove_file(temporary);
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::input(
        format!("{} cannot be written: {error}", path.display()),
        "choose another folder with --out, or --no-files to write nothing",
    )
}
