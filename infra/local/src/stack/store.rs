//! A value that outlives the process: kept in memory, and written to a file soon after each change and at the end.

use super::ending::Ending;
use crate::problem::Problem;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long changes are gathered before the file is written.
const GATHER: Duration = Duration::from_millis(200);

/// How much longer than the last writing took the next one is waited for: many changes of a large value cost a twentieth of the time.
const REST: u32 = 20;

/// A value and its file.
pub struct Kept<T> {
    value: Mutex<T>,
    version: watch::Sender<u64>,
    path: PathBuf,
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// Reads the file, or begins with what is given if there is none.
    ///
    /// # Errors
    /// When the file cannot be read, or what it should begin with cannot be made.
    pub fn open(path: PathBuf, begin: impl FnOnce() -> Result<T, Problem>) -> Result<Self, Problem> {
        let value = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unreadable(&path, &error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => begin()?,
            Err(error) => return Err(unreadable(&path, &error)),
        };
        Ok(Self { value: Mutex::new(value), version: watch::Sender::new(0), path })
    }

    /// Reads the value.
    pub fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the value; everybody who waits for changes is told.
    pub fn change<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        let result = act(&mut self.lock());
        self.version.send_modify(|version| *version += 1);
        result
    }

    /// Tells of changes that come after this call.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Writes the file as the value is now, in the place of the old one in one move.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self) -> Result<(), Problem> {
        replaced(&self.path, |file| {
            let mut buffered = BufWriter::new(file);
            serde_json::to_writer(&mut buffered, &*self.lock())?;
            buffered.flush()
        })
    }

    /// Saves soon after each change, and once more at the end.
    pub async fn keep(&self, ending: Ending) {
        let mut changes = self.changes();
        changes.mark_changed();
        let mut gather = GATHER;
        loop {
            let ended = tokio::select! {
                () = ending.wait() => true,
                _ = changes.changed() => false,
            };
            if ended {
                return;
            }
            tokio::time::sleep(gather).await;
            changes.mark_unchanged();
            let begun = Instant::now();
            if let Err(problem) = self.save() {
                tracing::error!(%problem, "a file was not written");
            }
            gather = GATHER.max(begun.elapsed() * REST);
        }
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a file that only its owner can read, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    replaced(path, |mut file| file.write_all(bytes))
}

/// Writes a file beside the old one, and puts it in its place in one move.
fn replaced(path: &Path, write: impl FnOnce(fs::File) -> std::io::Result<()>) -> Result<(), Problem> {
    let beside = path.with_extension("new");
    let written = private_file(&beside).and_then(write);
    written.and_then(|()| fs::rename(&beside, path)).map_err(|error| unwritable(path, &error))
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    fs::File::create(path)
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        format!("{} cannot be read: {error}", path.display()),
        "choose another `--data-dir`, or remove this one to begin anew",
    )
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        format!("{} cannot be written: {error}", path.display()),
        "choose a `--data-dir` that you may write to",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Kept<Vec<u32>> {
        Kept::open(path.to_owned(), || Ok(vec![1])).unwrap()
    }

    #[test]
    fn a_value_survives_and_a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers.json");
        let first = open(&path);
        first.change(|numbers| numbers.push(2));
        first.save().unwrap();
        assert_eq!(open(&path).read(Clone::clone), [1, 2]);
        fs::write(&path, "[1,").unwrap();
        let problem = Kept::<Vec<u32>>::open(path, || Ok(vec![])).err().unwrap();
        assert!(problem.to_string().contains("numbers.json") && problem.next.contains("--data-dir"));
    }

    #[test]
    #[cfg(unix)]
    fn only_the_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.json");
        write_whole(&path, b"{}").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
