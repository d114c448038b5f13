//! Documents of an inventory, uploaded: looked at first, then kept; and what came in before.

use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::limit;
use crate::body::Asked;
use crate::errands::{Failed, Heading, Importing};
use crate::live::Changed;
use crate::problem::{Kind, Problem};
use crate::upload::Upload;
use crate::{House, keep};
use axum::Json;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    // Documents go to files as they come; how long they may be is counted here.
    OpenApiRouter::new().routes(routes!(list, take)).layer(DefaultBodyLimit::disable())
}

/// The form of an upload, as it is described.
#[derive(utoipa::ToSchema)]
#[schema(as = Upload)]
#[expect(dead_code, reason = "the form is read field by field; this describes it")]
struct Form {
    /// The documents; each is recognised by its content
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<Vec<u8>>,
    /// What the hospital calls the source; a document's name where left out
    source: Option<String>,
    /// The day on which the documents were true
    observed: Option<Date>,
    /// For which part they are complete, once for each: `all`, `location=ICU`
    complete: Option<Vec<String>>,
    /// JSON: what each column says, by its heading; null: nothing that is wanted
    map: Option<String>,
    /// A person has looked at what would be taken away
    confirm: Option<bool>,
    /// Nothing is kept
    preview: Option<bool>,
}

/// What an upload came to, or would.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ImportAnswer)]
struct Answer {
    documents: Vec<Taken>,
    complaints: Vec<Complaint>,
    /// What the columns of a table were taken for; null where none was one
    columns: Option<Columns>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ImportedDocument)]
struct Taken {
    document: String,
    source: String,
    format: String,
    records: u64,
    added: u64,
    changed: u64,
    unchanged: u64,
    /// No longer named, where the document is complete
    not_seen: u64,
    refused: u64,
    doubtful: u64,
    /// It waits until a person has looked at what it would take away
    held: bool,
    /// Why, and the list of it
    takes_away: Vec<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ImportComplaint)]
struct Complaint {
    document: String,
    place: String,
    words: String,
    /// false: it was taken, and is doubtful
    refused: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ImportColumns)]
struct Columns {
    columns: Vec<Column>,
    /// Everything that a column may say
    fields: Vec<&'static str>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ImportColumn)]
struct Column {
    heading: String,
    /// null: nothing that is wanted
    says: Option<&'static str>,
    /// Nobody said so: it was guessed from the heading
    guessed: bool,
}

/// Look at documents of an inventory, or keep what they say
#[utoipa::path(post, path = "/api/v1/imports", tag = "inventory", params(Where), request_body(content = inline(Form), content_type = "multipart/form-data"), responses((status = 200, body = Answer)))]
async fn take(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<Answer>, Problem> {
    if place.as_of.is_some() {
        let problem = Problem::unfit("as_of", "nothing is imported into the past");
        return Err(
            problem.way_out("leave as_of out; `observed` says when the documents were true")
        );
    }
    let site = caller.site(place.site.as_deref())?.to_owned();
    if caller.scope.units(&site).is_some() {
        let problem = Problem::new(Kind::NotYours, "documents speak of the whole site");
        return Err(problem.way_out("ask somebody who has the role on the whole site"));
    }
    let upload = Upload::read(&house, form).await?;
    let said = Said::read(&upload.words)?;
    let importing = Importing {
        paths: upload.paths.clone(),
        site: Some(site),
        source: Some(said.source).filter(|it| !it.is_empty()),
        observed: said.observed,
        confirmed: said.confirmed,
        columns: said.columns.clone(),
        complete: said.complete,
        dry_run: said.preview,
    };
    let is_kept = !said.preview;
    // What was begun is read to its end and told, also where whoever asked has gone.
    let importing = tokio::spawn(async move {
        let imported = house.errands.import(importing).await;
        drop(upload);
        let imported = imported.map_err(|error| Problem::failed(&error))?;
        if is_kept && imported.unfit.is_none() {
            for site in &imported.sites {
                keep::refresh(&house, &house.sites.get(site, house.now()).await?).await;
                house.changes.tell(Changed::Site { site: site.clone() });
            }
        }
        Ok::<_, Problem>((imported, house.errands.column_fields()))
    });
    let broken = |_| Problem::failed(&Failed("the import broke down".to_owned()));
    let (imported, fields) = importing.await.map_err(broken)??;
    if let Some(words) = imported.unfit {
        return Err(Problem::new(Kind::Unfit, words).way_out("nothing was kept"));
    }
    let columns: Vec<Column> = imported
        .columns
        .into_iter()
        .map(|Heading { heading, says }| Column {
            guessed: !said.columns.contains_key(&heading),
            says: says.filter(|it| *it != IGNORED),
            heading,
        })
        .collect();
    let complaints = imported.complaints.into_iter().map(|it| Complaint {
        document: it.document,
        place: it.place,
        words: it.words,
        refused: it.refused,
    });
    let documents = imported.documents.into_iter().map(|it| Taken {
        document: it.document,
        source: it.source,
        format: it.format,
        records: it.records,
        added: it.added,
        changed: it.changed,
        unchanged: it.unchanged,
        not_seen: it.not_seen,
        refused: it.refused,
        doubtful: it.doubtful,
        held: it.held,
        takes_away: it.takes_away,
    });
    Ok(Json(Answer {
        documents: documents.collect(),
        complaints: complaints.collect(),
        columns: (!columns.is_empty()).then_some(Columns { columns, fields }),
    }))
}

/// The word of a column map for what is known and not wanted.
const IGNORED: &str = "ignored";

/// What stands beside the documents in the form.
#[derive(Default)]
struct Said {
    source: String,
    observed: Option<Timestamp>,
    complete: Vec<String>,
    columns: BTreeMap<String, String>,
    confirmed: bool,
    preview: bool,
}

impl Said {
    fn read(words: &[(String, String)]) -> Result<Said, Problem> {
        let mut said = Said::default();
        for (name, word) in words {
            said.take(name, word)?;
        }
        Ok(said)
    }

    fn take(&mut self, name: &str, word: &str) -> Result<(), Problem> {
        let word = word.trim();
        let truth = || match word {
            "true" => Ok(true),
            "false" | "" => Ok(false),
            _ => Err(Problem::unfit(name, format!("{word:?} is neither true nor false"))),
        };
        match name {
            "source" => word.clone_into(&mut self.source),
            "observed" | "complete" if word.is_empty() => {}
            "observed" => {
                let day: Date = word.parse().map_err(|_| {
                    Problem::unfit("observed", format!("{word:?} is no day"))
                        .way_out("write it as 2026-08-16")
                })?;
                // A day means its end, as on the command line.
                let end = day.tomorrow().and_then(|it| it.to_zoned(jiff::tz::TimeZone::UTC));
                let end = end.map_err(|_| Problem::unfit("observed", "no such day"))?.timestamp();
                self.observed = Some(end - jiff::SignedDuration::from_micros(1));
            }
            "complete" => self.complete.push(word.to_owned()),
            "map" => {
                let map: BTreeMap<String, Option<String>> =
                    serde_json::from_str(word).map_err(|error| {
                        Problem::unfit("map", format!("the map of columns cannot be read: {error}"))
                    })?;
                let says = |says: Option<String>| says.unwrap_or_else(|| IGNORED.to_owned());
                self.columns = map.into_iter().map(|(it, field)| (it, says(field))).collect();
            }
            "confirm" => self.confirmed = truth()?,
            "preview" => self.preview = truth()?,
            _ => {
                return Err(Problem::unfit(name, format!("there is no field {name:?}")).way_out(
                    "the fields are files, source, observed, complete, map, confirm and preview",
                ));
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    site: Option<String>,
    as_of: Option<Timestamp>,
    limit: Option<u32>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Imports {
    /// The latest first
    rows: Vec<Import>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Import {
    at: Timestamp,
    document: String,
    source: String,
    format: String,
    added: u64,
    changed: u64,
    unchanged: u64,
    complaints: usize,
}

/// What came in before
#[utoipa::path(get, path = "/api/v1/imports", tag = "inventory", params(Which), responses((status = 200, body = Imports)))]
async fn list(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Which>,
) -> Result<Json<Imports>, Problem> {
    let limit = limit(asked.limit)?;
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    sight.must_be_whole()?;
    let imports = house.store.imports(&sight.view.site).await?;
    let until = place.as_of.unwrap_or(Timestamp::MAX);
    let rows = imports.into_iter().rev().filter(|it| it.recorded_at <= until);
    let rows = rows.take(limit as usize).map(|it| Import {
        at: it.recorded_at,
        document: it.name,
        source: it.source,
        format: it.format,
        added: it.changes.added,
        changed: it.changes.changed,
        unchanged: it.changes.unchanged,
        complaints: it.complaints.len(),
    });
    Ok(Json(Imports { rows: rows.collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_the_documents_is_read_or_refused_by_its_name() {
        let mut said = Said::default();
        let map = r#"{"Equipment ID": "asset_id", "Cost centre": null}"#;
        assert!(said.take("map", map).is_ok());
        assert_eq!(said.columns["Equipment ID"], "asset_id");
        assert_eq!(said.columns["Cost centre"], IGNORED);
        for (name, word) in
            [("map", "[1]"), ("observed", "yesterday"), ("preview", "maybe"), ("colour", "red")]
        {
            let problem = said.take(name, word).err();
            assert_eq!(problem.and_then(|it| it.field).as_deref(), Some(name));
        }
    }
}
