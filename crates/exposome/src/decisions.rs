//! `exposome decisions`: what people have decided and what waits for a second person; `--verify` follows the audit log.

use crate::cli::{Cli, Decisions};
use crate::exit::Exit;
use crate::output::{List, column, say};
use crate::state;
use anyhow::Result;
use exposome_engine::decide::Policy;
use exposome_engine::deferral;
use exposome_engine::people::{Proposal, Word};
use exposome_model::event::{Actor, Anchor, Change, Scope, Target};
use exposome_model::exposure::Verdict;
use exposome_store::hex;
use serde_json::{Value, json};

pub(crate) async fn run(cli: &Cli, arguments: &Decisions) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let site = &arguments.site;
    if arguments.verify {
        let verified = store.verify_log(site).await?;
        store.close().await;
        return match verified {
            Ok(head) => {
                let chain = hex(&head.chain);
                say(&format!("{} decisions of site {site}, unbroken; chain {chain}", head.number))?;
                Ok(Exit::Done)
            }
            Err(broken) => {
                anyhow::bail!(
                    "the log of site {site} is broken at {}: {}",
                    broken.number,
                    broken.why
                )
            }
        };
    }
    let people = exposome_site::people(&store, site, state::as_of(cli)?).await?;
    store.close().await;
    let mut list = List::new(&[
        column("number", "number"),
        column("state", "state"),
        column("at", "since"),
        column("by", "by"),
        column("second", "confirmed by"),
        column("decision", "decision"),
        column("reason", "reason"),
    ]);
    for (number, Proposal { at, by, change, reason }) in &people.proposals {
        let second: Option<&Actor> = None;
        list.push(row(*number, "waits", *at, (by, second), change, reason));
    }
    let held = people.words.iter().filter(|_| !arguments.waiting);
    for (number, Word { at, by, second, change, reason }) in held {
        list.push(row(*number, "holds", *at, (by, second.as_ref()), change, reason));
    }
    list.print(arguments.rendering)?;
    Ok(Exit::Done)
}

fn row(
    number: u64,
    state: &str,
    at: jiff::Timestamp,
    (by, second): (&Actor, Option<&Actor>),
    change: &Change,
    reason: &str,
) -> Vec<Value> {
    vec![
        json!(number),
        json!(state),
        json!(at),
        json!(by.to_string()),
        json!(second.map(Actor::to_string)),
        json!(in_words(change)),
        json!(reason),
    ]
}

/// `defer CVE-2020-6961 on cmms:A1, comes back on EPSS 0.10000, ...`.
fn in_words(change: &Change) -> String {
    match change {
        Change::Merge { one, other } => format!("{one} and {other} are one"),
        Change::Split { claim, from } => {
            let from: Vec<String> = from.iter().map(Anchor::to_string).collect();
            format!("{claim} is not {}", from.join(", "))
        }
        Change::Category { asset, category } => format!("{asset} is {category}"),
        Change::Verdict { on, verdict, until } => {
            let verdict = match verdict {
                Verdict::Affected => "affected",
                Verdict::Possibly => "possibly affected",
                Verdict::NotAffected => "not affected",
            };
            let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
            format!("{verdict}: {}{until}", meant(on))
        }
        Change::Defer { on, wires, .. } => {
            format!("defer {}; comes back {}", meant(on), deferral::in_words(wires))
        }
        Change::Policy { text } => match Policy::parse(text) {
            Ok(policy) => format!("policy {} {}", policy.name, policy.version),
            // A later program may read policies of another shape.
            Err(_) => "a policy that this program does not read".to_owned(),
        },
        Change::TakeBack { number } => format!("take back {number}"),
    }
}

fn meant(target: &Target) -> String {
    let Target { scope, component, vulnerability } = target;
    let component = component.as_ref().map(|it| format!(" in {it}")).unwrap_or_default();
    let scope = match scope {
        Scope::Asset(anchor) => anchor.to_string(),
        Scope::Product { vendor: Some(vendor), name } => format!("every {vendor} {name}"),
        Scope::Product { vendor: None, name } => format!("every {name}"),
        Scope::Site => "the whole site".to_owned(),
    };
    format!("{vulnerability}{component} on {scope}")
}
