//! The folder a run writes into. Only a folder that carries our marker is ever emptied, and only of what runs write.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Failure;
use crate::ground::SoleUse;

/// What a run writes below its folder.
const WRITTEN: [&str; 4] = ["in", "bank", "from-bank", "reports"];
/// Stands in a folder that runs write into, and is locked while one does.
const MARKER: &str = ".nemkonto";

/// A folder that is this run's alone until dropped.
#[derive(Debug)]
pub struct OutFolder {
    path: PathBuf,
    _sole_use: SoleUse,
}

impl OutFolder {
    /// Takes the folder: a new one, an empty one, or one of an earlier run. Nothing in it is changed but the marker.
    ///
    /// # Errors
    /// When it is no folder, holds what no run wrote, is in use by another run, or cannot be written.
    pub fn take(path: &Path) -> Result<Self, Failure> {
        let named = |error: std::io::Error| format!("{}: {error}", path.display());
        fs::create_dir_all(path).map_err(named)?;
        let marker = path.join(MARKER);
        if !marker.is_file() && fs::read_dir(path).map_err(named)?.next().is_some() {
            let path = path.display();
            return Err(format!("{path} holds files that are not ours; name a new or an empty folder with --out").into());
        }
        Ok(Self { path: path.to_owned(), _sole_use: SoleUse::take(&marker)? })
    }

    /// Removes what earlier runs wrote, and nothing else.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn clear(&self) -> Result<(), Failure> {
        clear_below(&self.path)
    }

    /// A run's folder `name` within this one, emptied as [`OutFolder::clear`] does; what else stands here is left alone. `kept` is a file
    /// the run is going to read.
    ///
    /// # Errors
    /// When `kept` stands in what would be emptied, or something cannot be removed.
    pub fn cleared_part(&self, name: &str, kept: &Path) -> Result<PathBuf, Failure> {
        let part = self.path.join(name);
        fs::create_dir_all(&part)?;
        let emptied = part.canonicalize()?;
        if kept.canonicalize()?.starts_with(&emptied) {
            return Err(format!(
                "{} stands in {}, which is emptied first; copy it elsewhere, or name another folder with --out",
                kept.display(),
                part.display()
            )
            .into());
        }
        clear_below(&part)?;
        Ok(part)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn clear_below(folder: &Path) -> Result<(), Failure> {
    for written in WRITTEN {
        let written = folder.join(written);
        match fs::remove_dir_all(&written) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(format!("{}: {error}", written.display()).into()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use platform::testing::TemporaryFolder;

    use super::*;

    fn write(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    #[test]
    fn a_folder_with_a_strangers_files_is_refused_and_left_as_it_is() {
        let folder = TemporaryFolder::new();
        for file in ["in/mine.xml", "bank/mine.xml", "notes.txt"] {
            let (out, mine) = (folder.path().join(&file[..2]), folder.path().join(&file[..2]).join(file));
            write(&mine);
            let refused = OutFolder::take(&out).unwrap_err().to_string();
            assert!(refused.contains("not ours") && refused.contains("--out"), "{refused}");
            assert!(mine.is_file());
        }
        let file = folder.path().join("file");
        write(&file);
        assert!(OutFolder::take(&file).unwrap_err().to_string().contains("file"));
    }

    #[test]
    fn only_what_runs_write_is_removed_from_a_folder_of_ours() {
        let folder = TemporaryFolder::new();
        let out = OutFolder::take(&folder.path().join("new")).unwrap();
        let files = WRITTEN.map(|written| out.path().join(written).join("1/a.xml"));
        let others = [out.path().join("notes.txt"), out.path().join("file/in/1/a.xml")];
        files.iter().chain(&others).for_each(|file| write(file));
        out.clear().unwrap();
        assert!(files.iter().all(|file| !file.exists()) && others.iter().all(|file| file.is_file()));
        let path = out.path().to_owned();
        drop(out);
        OutFolder::take(&path).unwrap();
    }

    #[test]
    fn a_part_is_emptied_alone_and_never_of_the_file_to_be_read() {
        let folder = TemporaryFolder::new();
        let out = OutFolder::take(folder.path()).unwrap();
        let (day, part) = (folder.path().join("in/1/a.xml"), folder.path().join("file/in/1/a.xml"));
        write(&day);
        write(&part);
        assert!(out.cleared_part("file", &part).unwrap_err().to_string().contains("emptied"));
        assert!(part.is_file());
        out.cleared_part("file", &day).unwrap();
        assert!(day.is_file() && !part.exists());
    }

    #[test]
    fn two_runs_at_once_do_not_share_a_folder() {
        let folder = TemporaryFolder::new();
        let _first = OutFolder::take(folder.path()).unwrap();
        assert!(OutFolder::take(folder.path()).unwrap_err().to_string().contains("at work here"));
    }
}
