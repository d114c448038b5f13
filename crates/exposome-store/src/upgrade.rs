//! What an earlier version wrote otherwise, once, when the store is opened.
//!
//! Migrations are SQL and cannot pack; this is what they leave to do.

use crate::block::{Block, Packer};
use crate::bulk::insert;
use crate::site::{COMPONENT_BLOCK, COMPONENTS_A_BLOCK, ComponentBlock};
use crate::world::{KNOWLEDGE_BLOCK, block_row, body_digest};
use crate::{Error, Link, Store, Writing, each_row};

/// A row of the table `knowledge`.
type Row = (String, i64, Option<i64>, Option<String>);

impl Store {
    /// Packs records and components that lie in rows of their own into blocks.  Records keep their moments,
    /// components their ids.
    pub(crate) async fn upgrade(&self) -> Result<(), Error> {
        let mut is_old = false;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT EXISTS (SELECT 1 FROM knowledge) OR EXISTS (SELECT 1 FROM component)", [], |(any,) in (bool,)| {
            is_old = any;
        });
        drop(reading);
        if !is_old {
            return Ok(());
        }
        let mut writing = self.write("upgrade").await?;
        for feed in names(writing.link(), Of::Feeds).await? {
            pack_knowledge(&mut writing, &feed).await?;
        }
        for site in names(writing.link(), Of::Sites).await? {
            pack_components(&mut writing, &site).await?;
        }
        writing.run("DELETE FROM knowledge").await?;
        writing.run("DELETE FROM component").await?;
        writing.commit().await
    }
}

enum Of {
    Feeds,
    Sites,
}

async fn names(link: Link<'_>, of: Of) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::new();
    match of {
        Of::Feeds => {
            each_row!(link, "SELECT DISTINCT feed FROM knowledge ORDER BY feed", [], |(name,) in (String,)| {
                names.push(name);
            });
        }
        Of::Sites => {
            each_row!(link, "SELECT DISTINCT site FROM component ORDER BY site", [], |(name,) in (String,)| {
                names.push(name);
            });
        }
    }
    Ok(names)
}

/// Two thousand rows of a feed become one block.
async fn pack_knowledge(writing: &mut Writing, feed: &str) -> Result<(), Error> {
    let mut last = (String::new(), i64::MIN);
    // A load counts its blocks from 1: none of these gets in its way.
    for part in (i64::MIN..0).rev() {
        let mut rows: Vec<Row> = Vec::new();
        each_row!(writing.link(), "SELECT record, recorded_at, modified, body FROM knowledge WHERE feed = $1 AND (record, recorded_at) > ($2, $3) ORDER BY record, recorded_at LIMIT 2000", [feed, &last.0, last.1], |row in Row| {
            rows.push(row);
        });
        let Some(earliest) = rows.iter().map(|(_, recorded_at, ..)| *recorded_at).min() else {
            break;
        };
        let (mut block, mut bodies) = (Block::new(earliest), Vec::new());
        for (record, recorded_at, modified, body) in &rows {
            let start = bodies.len();
            bodies.extend_from_slice(body.as_deref().unwrap_or_default().as_bytes());
            let body = start..bodies.len();
            let digest = body_digest(bodies.get(body.clone()).unwrap_or_default());
            block.push(record, *recorded_at, digest, *modified, body);
        }
        let packed = block.packed(&bodies, &mut Packer::default());
        insert(writing.link(), KNOWLEDGE_BLOCK, vec![block_row(feed, earliest, part, packed)])
            .await?;
        if let Some((record, recorded_at, ..)) = rows.pop() {
            last = (record, recorded_at);
        }
    }
    Ok(())
}

/// A thousand components become one block; where ids are missing, another begins.
async fn pack_components(writing: &mut Writing, site: &str) -> Result<(), Error> {
    let mut last = i64::MIN;
    loop {
        let mut blocks: Vec<ComponentBlock> = Vec::new();
        each_row!(writing.link(), "SELECT id, digest, body FROM component WHERE site = $1 AND id > $2 ORDER BY id LIMIT 10000", [site, last], |(id, digest, body) in (i64, Vec<u8>, String)| {
            if blocks.last().is_none_or(|block| block.len() == COMPONENTS_A_BLOCK) || id != last + 1 {
                blocks.push(ComponentBlock::new(id));
            }
            if let Some(block) = blocks.last_mut() {
                block.push(&digest, body.as_bytes());
            }
            last = id;
        });
        if blocks.is_empty() {
            return Ok(());
        }
        let mut packer = Packer::default();
        let rows = blocks.into_iter().map(|block| block.row(site, &mut packer)).collect();
        insert(writing.link(), COMPONENT_BLOCK, rows).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::ImportDocument;
    use crate::world::Batch;
    use exposome_model::inventory::{Component, ComponentKind, Sheet};
    use exposome_model::knowledge::{ExploitEntry, Record};
    use std::collections::BTreeSet;

    fn exploit(name: &str, rank: &str) -> Record {
        Record::Exploit(ExploitEntry {
            vulnerability: "CVE-2020-1".into(),
            name: name.into(),
            published: None,
            rank: Some(rank.into()),
        })
    }

    async fn known(store: &Store, second: i64) -> Vec<String> {
        let mut known = Vec::new();
        let take = |_: &str, record: Record| match record {
            Record::Exploit(it) => known.push(format!("{} {}", it.name, it.rank.unwrap())),
            other => panic!("{other:?}"),
        };
        store.knowledge(jiff::Timestamp::from_second(second).unwrap(), take).await.unwrap();
        known
    }

    /// 2,500 records at second 1; at second 2 one changed and one left.
    #[tokio::test]
    async fn a_store_of_rows_tells_the_same_past_from_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        let store = Store::open_sqlite(&path).await.unwrap();
        let crate::Backend::Sqlite { write, .. } = &store.backend else { unreachable!() };
        let add = async |name: &str, second: i64, rank: Option<&str>| {
            let record = exploit(name, rank.unwrap_or_default());
            let body = crate::json::text(&record);
            let digest = crate::short_digest(body.as_bytes());
            sqlx::query("INSERT INTO knowledge VALUES ('metasploit', $1, $2, $3, NULL, $4)")
                .bind(crate::world::record_key(&record))
                .bind(second * 1_000_000)
                .bind(digest.to_vec())
                .bind(rank.map(|_| body))
                .execute(write)
                .await
                .unwrap();
        };
        for number in 0..2_500 {
            add(&format!("module-{number:04}"), 1, Some("good")).await;
        }
        add("module-0007", 2, Some("excellent")).await;
        add("module-2499", 2, None).await;
        store.close().await;

        let store = Store::open_sqlite(&path).await.unwrap();
        assert_eq!(known(&store, 0).await.len(), 0);
        let first = known(&store, 1).await;
        assert_eq!((first.len(), first[7].as_str()), (2_500, "module-0007 good"));
        let second = known(&store, 2).await;
        assert_eq!((second.len(), second[7].as_str()), (2_499, "module-0007 excellent"));
        let again: Vec<Record> = (0..2_499)
            .map(|it| {
                exploit(&format!("module-{it:04}"), if it == 7 { "excellent" } else { "good" })
            })
            .collect();
        let at = jiff::Timestamp::from_second(3).unwrap();
        let mut loading = store.begin_load(at).await.unwrap();
        loading.add("metasploit", Batch::of(&again)).await.unwrap();
        loading.leave_unmet("metasploit").await.unwrap();
        let changes = loading.commit(&[]).await.unwrap()["metasploit"];
        assert_eq!((changes.unchanged, changes.removed), (2_499, 0));
    }

    /// 2,500 components in rows of their own, in one bill.
    #[tokio::test]
    async fn what_was_installed_is_still_installed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        let store = Store::open_sqlite(&path).await.unwrap();
        let at = jiff::Timestamp::from_second(1).unwrap();
        let document = |source: &str| ImportDocument {
            site: "main".into(),
            source: source.into(),
            name: "bill.json".into(),
            format: "cyclonedx".into(),
            digest: crate::short_digest(source.as_bytes()),
            observed_at: at,
            recorded_at: at,
        };
        let library = |it| Component::new(ComponentKind::Application, format!("library {it:04}"));
        let sheet = |count| Sheet {
            key: "pump".into(),
            components: (0..count).map(library).collect(),
            ..Sheet::default()
        };
        store.import(&document("first"), &[sheet(2_500)], &[]).await.unwrap();
        let before = store.claims("main", at).await.unwrap();
        let crate::Backend::Sqlite { write, .. } = &store.backend else { unreachable!() };
        let blocks: Vec<(i64, Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT first, digests, bodies FROM component_block ORDER BY first")
                .fetch_all(write)
                .await
                .unwrap();
        for (first, digests, bodies) in blocks {
            let bodies = crate::block::bodies(&bodies).unwrap();
            for ((id, digest), body) in (first..).zip(digests.chunks(16)).zip(bodies.lines()) {
                let insert = sqlx::query("INSERT INTO component VALUES ('main', $1, $2, $3)");
                insert.bind(id).bind(digest).bind(body).execute(write).await.unwrap();
            }
        }
        sqlx::query("DELETE FROM component_block").execute(write).await.unwrap();
        store.close().await;

        let store = Store::open_sqlite(&path).await.unwrap();
        assert_eq!(store.claims("main", at).await.unwrap(), before);
        let crate::Backend::Sqlite { read, .. } = &store.backend else { unreachable!() };
        let (blocks,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM component_block").fetch_one(read).await.unwrap();
        assert_eq!(blocks, 3);
        store.import(&document("second"), &[sheet(2_501)], &[]).await.unwrap();
        let subjects = BTreeSet::from(["pump"]);
        let said = store.said_before("main", "second", &subjects).await.unwrap();
        assert_eq!(said["pump"].components.len(), 2_501);
        assert_eq!(said["pump"].components[2_500], library(2_500));
    }
}
