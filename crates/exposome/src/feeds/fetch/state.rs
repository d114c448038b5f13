//! What was fetched before, written down beside it.
//!
//! Only a memory: deleted, everything is fetched again, and nothing is wrong.

use super::download::{Have, disk, sync_folder};
use super::{Error, cve_list, nvd};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// The name of the file; the dot keeps it out of what is read as a feed.
pub(crate) const STATE_FILE: &str = ".fetched.json";

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FeedState {
    /// When the publisher was last asked, whatever came of it.
    pub asked: Option<Timestamp>,
    /// When everything the publisher had was here.
    pub complete: Option<Timestamp>,
    /// The publisher is not to be asked before this.
    pub not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nvd: Option<nvd::Progress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cve_list: Option<cve_list::Progress>,
    /// CSAF: the day of the archive of the whole that we began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_day: Option<jiff::civil::Date>,
    /// By name below the feed's folder.
    pub files: BTreeMap<String, Have>,
}

impl FeedState {
    pub(crate) fn read(folder: &Path) -> Result<FeedState, Error> {
        let path = folder.join(STATE_FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(FeedState::default());
            }
            Err(source) => return Err(Error::Disk { path, source }),
        };
        serde_json::from_slice(&bytes).map_err(|why| Error::State { path, why: why.to_string() })
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(disk(folder))?;
        let (path, new) = (folder.join(STATE_FILE), folder.join(".fetched.json.new"));
        let mut file = File::create(&new).map_err(disk(&new))?;
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|why| Error::State { path: path.clone(), why: why.to_string() })?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(disk(&new))?;
        fs::rename(&new, &path).map_err(disk(&path))?;
        sync_folder(&path)
    }
}
