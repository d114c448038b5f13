//! Writes that carry a key are done once, however often they are sent.

use crate::accounts::SecretDigest;
use crate::{Error, Store, each_row, micros, moment, run};
use jiff::Timestamp;

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// It is new, and noted as being done.
    New,
    /// The same request was answered.
    Answered { status: u16, kind: String, answer: Vec<u8> },
    /// The same request is being done, since then; or was, when the server died.
    Begun { since: Timestamp },
    /// Another request bore this key.
    Other,
}

impl Store {
    /// Begins a write under a key.  What is older than `forget` counts no more.
    pub async fn begin_once(
        &self,
        person: &str,
        mark: &str,
        request: &SecretDigest,
        now: Timestamp,
        forget: Timestamp,
    ) -> Result<Earlier, Error> {
        let mut writing = self.write("once").await?;
        run!(writing.link(), "DELETE FROM once WHERE made_at <= $1", [micros(forget)]);
        let mut earlier = Earlier::New;
        each_row!(writing.link(), "SELECT request, made_at, status, kind, answer FROM once WHERE person = $1 AND mark = $2", [person, mark], |(known, made_at, status, kind, answer) in (Vec<u8>, i64, Option<i64>, Option<String>, Option<Vec<u8>>)| {
            earlier = match (known == request[..], status) {
                (false, _) => Earlier::Other,
                (true, None) => Earlier::Begun { since: moment(made_at)? },
                (true, Some(status)) => Earlier::Answered {
                    status: u16::try_from(status).map_err(|_| Error::Damaged { what: "answer", record: mark.to_owned() })?,
                    kind: kind.unwrap_or_default(),
                    answer: answer.unwrap_or_default(),
                },
            };
        });
        if earlier == Earlier::New {
            run!(
                writing.link(),
                "INSERT INTO once (person, mark, request, made_at) VALUES ($1, $2, $3, $4)",
                [person, mark, &request[..], micros(now)]
            );
        }
        writing.commit().await?;
        Ok(earlier)
    }

    /// Keeps the answer for whoever asks again.
    pub async fn answer_once(
        &self,
        person: &str,
        mark: &str,
        status: u16,
        kind: &str,
        answer: &[u8],
    ) -> Result<(), Error> {
        let mut writing = self.write("once").await?;
        run!(
            writing.link(),
            "UPDATE once SET status = $1, kind = $2, answer = $3 WHERE person = $4 AND mark = $5",
            [i64::from(status), kind, answer, person, mark]
        );
        writing.commit().await
    }

    /// Nothing was done: the key is free again.
    pub async fn forget_once(&self, person: &str, mark: &str) -> Result<(), Error> {
        let mut writing = self.write("once").await?;
        run!(writing.link(), "DELETE FROM once WHERE person = $1 AND mark = $2", [person, mark]);
        writing.commit().await
    }
}
