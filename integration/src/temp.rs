//! Directories of this process.
//!
//! `tempfile` alone removes a directory when its handle is dropped; what a static holds is never
//! dropped, and a killed process drops nothing. So all of them lie in one directory, which
//! [`crate::process`] removes when the process has ended.

use std::io;

use crate::process::reaper;

/// An empty directory of mode 0700 that goes with its handle, and at the latest with this process.
pub fn create_directory(name: &str) -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix(&format!("{name}-"))
        .tempdir_in(reaper::root_directory()?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_directory_goes_with_its_handle() {
        let directory = super::create_directory("example").unwrap();
        let path = directory.path().to_owned();
        std::fs::write(path.join("file"), "").unwrap();
        drop(directory);
        assert!(!path.exists());
        assert!(path.parent().unwrap().is_dir());
    }
}
