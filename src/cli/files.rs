//! Scenario files in, output files out.

use super::output::Failure;
use crate::patterns;
use crate::scenario::{self, AnyScenario, nearest};
use std::fs;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

/// More than any scenario needs, and little enough to read what was named by mistake, such as a device.
const MOST_BYTES: u64 = 4 << 20;

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

/// Folders are not followed through symbolic links, which may lead in circles; hidden ones are not looked into.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                collect(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    Ok(())
}

/// Reads a scenario.
pub(super) fn load(path: &Path) -> super::Result<Box<dyn AnyScenario>> {
    load_with_text(path).map(|(scenario, _)| scenario)
}

/// Reads a scenario; the text of its file as well.
pub(super) fn load_with_text(path: &Path) -> super::Result<(Box<dyn AnyScenario>, String)> {
    let text = read_text(path, MOST_BYTES)?;
    let scenario = scenario::load(patterns::ALL, &path.display().to_string(), &text)
        .map_err(|error| Failure::Scenario(Box::new(error)))?;
    Ok((scenario, text))
}

/// Reads a file of text of at most `most` bytes.
pub(super) fn read_text(path: &Path, most: u64) -> super::Result<String> {
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > most {
        let message = format!("{} is larger than {} MiB", path.display(), most >> 20);
        return Err(Failure::input(message, "nothing that faultlab reads is that long: is it another file?"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("{}:{line}: the file is not valid UTF-8 from byte {} on", path.display(), valid.len());
        Failure::input(message, "save it as UTF-8")
    })
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let help = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => similar(path),
        io::ErrorKind::PermissionDenied => "check its permissions".into(),
        _ => "check the path".into(),
    };
    Failure::input(format!("{}: {}", path.display(), said(error)), help)
}

/// What the system said, without its number.
pub(super) fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        io::ErrorKind::NotADirectory => "a file is in the place of a folder".into(),
        io::ErrorKind::AlreadyExists => "a file is in the place of a folder".into(),
        io::ErrorKind::IsADirectory => "a folder is in the place of a file".into(),
        io::ErrorKind::PermissionDenied => "there is no permission".into(),
        io::ErrorKind::StorageFull => "the disk is full".into(),
        _ => error.to_string(),
    }
}

/// Help for a path that does not exist: a scenario or folder nearby whose name is similar.
fn similar(path: &Path) -> String {
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(Path::new(""));
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let beside = fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let beside = beside.into_iter().flatten().flatten().map(|entry| folder.join(entry.file_name()));
    let mut known: Vec<PathBuf> =
        beside.filter(|path| path.is_dir() || path.extension() == Some("toml".as_ref())).collect();
    known.sort();
    let names: Vec<String> = known.iter().map(|path| name(path)).collect();
    let mut missing = path.strip_prefix(folder).unwrap_or(path).components();
    let first = missing.next().map(|part| name(Path::new(part.as_os_str()))).unwrap_or_default();
    let near = nearest(&first, names.iter().map(String::as_str));
    match near.and_then(|near| names.iter().position(|name| name == near)) {
        Some(place) => {
            let whole = known[place].join(missing.as_path());
            let meant =
                if missing.as_path().as_os_str().is_empty() || !whole.exists() { &known[place] } else { &whole };
            format!("did you mean {}?", meant.display())
        }
        None => "`faultlab list` shows the scenarios below this folder".into(),
    }
}

/// Files that appear all together or not at all: each is written under a temporary name beside its place, and they are
/// renamed when all are complete.
pub(super) struct Batch {
    folder: PathBuf,
    written: Vec<(PathBuf, PathBuf)>,
    /// Folders that were made for this batch, the outermost first.
    made: Vec<PathBuf>,
}

impl Batch {
    /// A batch of files in `folder`, which is made if it is missing.
    pub(super) fn new(folder: &Path) -> super::Result<Self> {
        let mut batch = Self { folder: folder.to_path_buf(), written: Vec::new(), made: Vec::new() };
        batch.make(folder)?;
        Ok(batch)
    }

    fn make(&mut self, folder: &Path) -> super::Result<()> {
        let missing: Vec<&Path> =
            folder.ancestors().filter(|path| !path.as_os_str().is_empty()).take_while(|path| !path.exists()).collect();
        self.made.extend(missing.iter().rev().map(|path| path.to_path_buf()));
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))
    }

    /// Writes one file of the batch; `write` fills it.
    pub(super) fn add(&mut self, name: &str, write: impl FnOnce(&mut fs::File) -> io::Result<()>) -> super::Result<()> {
        let place = self.folder.join(name);
        let folder = place.parent().unwrap_or(Path::new("")).to_path_buf();
        self.make(&folder)?;
        if place.is_dir() {
            return Err(unwritable(&place, &io::ErrorKind::IsADirectory.into()));
        }
        let file_name = place.file_name().unwrap_or_default().to_string_lossy();
        let temporary = folder.join(format!(".{file_name}.{}.tmp", std::process::id()));
        self.written.push((temporary.clone(), place.clone()));
        fs::File::create(&temporary).and_then(|mut file| write(&mut file)).map_err(|error| unwritable(&place, &error))
    }

    /// Puts every file in its place.
    pub(super) fn finish(mut self) -> super::Result<()> {
        for (temporary, place) in &self.written {
            fs::rename(temporary, place).map_err(|error| unwritable(place, &error))?;
        }
        self.written.clear();
        self.made.clear();
        Ok(())
    }
}

/// What was not finished leaves nothing behind, not even the folders made for it.
impl Drop for Batch {
    fn drop(&mut self) {
        for (temporary, _) in &self.written {
            let _ = fs::remove_file(temporary);
        }
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Writes one file, whole or not at all.
pub(super) fn write(place: &Path, text: &str) -> super::Result<()> {
    let Some(name) = place.file_name() else {
        return Err(Failure::input(format!("{} is no file", place.display()), "give the name of a file"));
    };
    let mut batch = Batch::new(place.parent().unwrap_or(Path::new("")))?;
    batch.add(&name.to_string_lossy(), |file| file.write_all(text.as_bytes()))?;
    batch.finish()
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::input(
        format!("{} cannot be written: {}", path.display(), said(error)),
        "choose another folder with --out, or --no-files to write nothing",
    )
}
