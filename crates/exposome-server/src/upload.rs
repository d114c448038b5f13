//! Documents that are uploaded: from the form of a request into files of a folder of their own.

use crate::House;
use crate::problem::{Kind, Problem};
use crate::secret;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// Documents in a folder of their own, which goes with them.
pub(crate) struct Upload {
    folder: PathBuf,
    pub(crate) paths: Vec<PathBuf>,
    /// What else the form said, field by field.
    pub(crate) words: Vec<(String, String)>,
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(error = ?error.to_string(), "what was uploaded could not be taken away");
        }
    }
}

const FOLDER: &str = "uploads";

/// Takes away what a server that was killed was reading: whoever sent it heard no answer, and sends it again.
pub(crate) fn sweep(data: &Path) {
    match std::fs::remove_dir_all(data.join(FOLDER)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(error = ?error.to_string(), "what was uploaded before could not be taken away");
        }
        _ => {}
    }
}

/// So many documents at a time, and so long a word beside them.
const MOST_FILES: usize = 1_000;
const LONGEST_WORD: usize = 256 << 10;
const MOST_WORDS: usize = 100;
const LONGEST_NAME: usize = 150;

impl Upload {
    /// Reads the documents, which stand in the fields named `files`, and the words beside them.
    pub(crate) async fn read(
        house: &House,
        form: Result<Multipart, MultipartRejection>,
    ) -> Result<Upload, Problem> {
        let mut form = form.map_err(|_| {
            Problem::new(Kind::WrongType, "the body is no form of documents")
                .way_out("send Content-Type: multipart/form-data with a field files")
        })?;
        let name = secret::random_text(12)?;
        let folder = house.settings.data.join(FOLDER).join(name);
        let failed = |error: std::io::Error| Problem::failed(&error);
        tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
        let mut upload = Upload { folder, paths: Vec::new(), words: Vec::new() };
        let mut left = house.settings.limits.upload_bytes;
        let patience = Duration::from_secs(house.settings.limits.body_seconds);
        while let Some(field) = in_time(patience, form.next_field()).await? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "files" {
                upload.keep(field, &mut left, patience).await.map_err(|error| match error {
                    Unkept::Refused(problem) => problem,
                    Unkept::Failed(error) => failed(error),
                })?;
            } else {
                let word = word(field, &mut left, patience).await?;
                upload.words.push((name, word));
                if upload.words.len() > MOST_WORDS {
                    return Err(Problem::new(Kind::TooLarge, "the form says too much"));
                }
            }
        }
        if upload.paths.is_empty() {
            return Err(Problem::unfit("files", "there is no document")
                .way_out("add at least one file to the field files"));
        }
        Ok(upload)
    }

    /// Writes a document to a file of its name.
    async fn keep(
        &mut self,
        mut field: Field<'_>,
        left: &mut u64,
        patience: Duration,
    ) -> Result<(), Unkept> {
        if self.paths.len() == MOST_FILES {
            let words = format!("there are more than {MOST_FILES} documents");
            return Err(Problem::new(Kind::TooLarge, words).way_out("send them in parts").into());
        }
        let name = base_name(field.file_name().unwrap_or_default())?;
        let folder = self.folder.join(self.paths.len().to_string());
        tokio::fs::create_dir(&folder).await?;
        let path = folder.join(name);
        let mut file = tokio::fs::File::create_new(&path).await?;
        while let Some(chunk) = in_time(patience, field.chunk()).await? {
            *left = rest(*left, chunk.len())?;
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        self.paths.push(path);
        Ok(())
    }
}

enum Unkept {
    Refused(Problem),
    Failed(std::io::Error),
}

impl From<Problem> for Unkept {
    fn from(problem: Problem) -> Unkept {
        Unkept::Refused(problem)
    }
}

impl From<std::io::Error> for Unkept {
    fn from(error: std::io::Error) -> Unkept {
        Unkept::Failed(error)
    }
}

/// The file's own name, whatever path stands before it.
fn base_name(said: &str) -> Result<String, Problem> {
    let name = said.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let is_odd = |it: char| it.is_control() || it == ':';
    let is_fit = !matches!(name, "" | "." | "..")
        && name.len() <= LONGEST_NAME
        && !name.starts_with('.')
        && !name.contains(is_odd);
    if is_fit {
        return Ok(name.to_owned());
    }
    Err(Problem::unfit("files", "a document has no name that a file may have")
        .way_out(format!("give it a name of at most {LONGEST_NAME} letters without a path")))
}

async fn word(field: Field<'_>, left: &mut u64, patience: Duration) -> Result<String, Problem> {
    let name = field.name().unwrap_or_default().to_owned();
    let bytes = in_time(patience, field.bytes()).await?;
    *left = rest(*left, bytes.len())?;
    if bytes.len() > LONGEST_WORD {
        return Err(Problem::unfit(&name, format!("it is longer than {LONGEST_WORD} bytes")));
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| Problem::unfit(&name, "it is no text in UTF-8"))
}

/// What is left of the room for an upload.
fn rest(left: u64, taken: usize) -> Result<u64, Problem> {
    left.checked_sub(taken as u64).ok_or_else(|| {
        Problem::new(Kind::TooLarge, "the documents are larger than an upload may be").way_out(
            "send them in parts, or put them into the folder that is watched, or raise limits.upload_bytes",
        )
    })
}

/// Waits for the next piece of the form for as long as a client may take.
async fn in_time<T>(
    patience: Duration,
    piece: impl Future<Output = Result<T, MultipartError>>,
) -> Result<T, Problem> {
    let waited = tokio::time::timeout(patience, piece).await;
    let words = || format!("nothing came for {} seconds", patience.as_secs());
    let piece = waited.map_err(|_| Problem::new(Kind::TooSlow, words()))?;
    piece.map_err(|error| {
        Problem::new(Kind::Malformed, format!("the form cannot be read: {}", error.body_text()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_its_own_name_and_no_path_leads_anywhere() {
        assert_eq!(base_name("cmms export.csv").ok().as_deref(), Some("cmms export.csv"));
        assert_eq!(base_name("../../etc/passwd").ok().as_deref(), Some("passwd"));
        assert_eq!(base_name("C:\\exports\\pumps.xlsx").ok().as_deref(), Some("pumps.xlsx"));
        for odd in ["", "..", "a/..", "/", ".ssh", "x\n.csv", "a\0b", "x:y", &"n".repeat(151)] {
            assert!(base_name(odd).is_err(), "{odd:?}");
        }
    }
}
