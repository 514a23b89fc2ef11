//! Whom the server runs as.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::LocalPostgresError;

/// The user of the server: ourselves, or for root an unprivileged user.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerAccount {
    /// User and group to become, when we are root.
    become_user: Option<(u32, u32)>,
}

impl ServerAccount {
    pub(super) fn for_this_process() -> Result<Self, LocalPostgresError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { become_user: None });
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let user = ["postgres", "nobody"].iter().find_map(|name| user_and_group(&passwd, name));
        Ok(Self { become_user: Some(user.ok_or(LocalPostgresError::NoUnprivilegedUser)?) })
    }

    /// Lets `command` run as the server's user.
    pub(super) fn apply(self, command: &mut Command) {
        if let Some((user, group)) = self.become_user {
            command.uid(user).gid(group);
        }
    }

    /// Makes a folder that only the server's user may enter, with its missing parents, and answers its canonical path.
    pub(super) fn make_folder(self, path: &Path) -> Result<PathBuf, LocalPostgresError> {
        let failed = LocalPostgresError::folder("making the folder", path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(&failed)?;
        }
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => made.map_err(&failed)?,
        }
        self.own(path).map_err(&failed)?;
        fs::canonicalize(path).map_err(&failed)
    }

    /// Gives `path` to the server's user and closes it to others. Refuses a folder that belongs to a stranger.
    fn own(self, path: &Path) -> std::io::Result<()> {
        let metadata = fs::symlink_metadata(path)?;
        let ourselves = rustix::process::geteuid().as_raw();
        let (user, group) = self.become_user.unwrap_or((ourselves, metadata.gid()));
        if !metadata.is_dir() || ![ourselves, user].contains(&metadata.uid()) {
            return Err(std::io::Error::other("it is not a folder of ours"));
        }
        if metadata.uid() != user {
            chown(path, Some(user), Some(group))?;
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
    }

    /// Gives a file we made to the server's user.
    pub(super) fn own_file(self, path: &Path) -> std::io::Result<()> {
        match self.become_user {
            Some((user, group)) => chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

/// Finds a user in the text of `/etc/passwd` (passwd(5): name, password, user id, group id, …).
fn user_and_group(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields =
        passwd.lines().map(|line| line.split(':')).find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
    let user = fields.nth(1)?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    Some((user, group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\npostgresql:x:7:8::/:/bin/sh\npostgres:x:109:117:PostgreSQL:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(user_and_group(passwd, "postgres"), Some((109, 117)));
        assert_eq!(user_and_group(passwd, "nobody"), None);
    }
}
