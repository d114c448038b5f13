//! `exposome explain`: every fact behind one conclusion, and which fact would change it.

use crate::cli::{Cli, Explain};
use crate::exit::Exit;
use crate::output::say;
use crate::state::{self, Standing};
use crate::worklist::{day, probability};
use anyhow::{Result, bail};
use exposome_engine::assess::{AssetState, Exposure, in_words};
use exposome_engine::{checks, decide::Decision, threat::Threat};
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Attribute, Component};
use serde_json::{Value, json};

pub(crate) async fn run(cli: &Cli, arguments: &Explain) -> Result<Exit> {
    let store = state::open(cli).await?;
    let standing = state::standing(&store, &arguments.site, state::as_of(cli)?).await?;
    store.close().await;
    let Some((number, state)) = find(&standing, &arguments.asset) else {
        bail!(
            "no asset {:?} at site {:?}; `exposome worklist --flat --json` lists their numbers",
            arguments.asset,
            arguments.site
        );
    };
    let cards = cards(&standing, number, state, arguments.vulnerability.as_deref());
    if arguments.rendering.json {
        for card in &cards {
            say(&card.json(&standing).to_string())?;
        }
        return Ok(Exit::Done);
    }
    print_asset(&standing, state)?;
    if cards.is_empty() {
        let about = arguments.vulnerability.as_deref().unwrap_or("any vulnerability");
        say(&format!(
            "\nNo document that is loaded speaks of {about} for anything this asset is known to be made of."
        ))?;
        say("That is no proof: `exposome feeds status` shows what is loaded and how old it is.")?;
    }
    for card in &cards {
        card.print(&standing)?;
    }
    Ok(Exit::Done)
}

fn find<'a>(standing: &'a Standing, asset: &str) -> Option<(u32, &'a AssetState)> {
    let mut all = (0..).zip(&standing.assessment.assets);
    all.find(|(_, state)| state.asset.id.eq_ignore_ascii_case(asset))
}

/// One cause on one component of one asset, with everything that was concluded.
struct Card<'a> {
    state: &'a AssetState,
    component: &'a Component,
    judgement: &'a Judgement,
    /// None where it is not affected.
    decided: Option<(&'a Exposure, &'a Decision)>,
    threat: Option<&'a Threat>,
}

fn cards<'a>(
    standing: &'a Standing,
    number: u32,
    state: &'a AssetState,
    vulnerability: Option<&str>,
) -> Vec<Card<'a>> {
    let assessment = &standing.assessment;
    let Some(bill) = assessment.bills.get(state.bill as usize) else { return Vec::new() };
    let wanted = |judgement: &Judgement| match vulnerability {
        Some(wanted) => judgement.vulnerability.eq_ignore_ascii_case(wanted),
        None => judgement.verdict != Verdict::NotAffected,
    };
    let card = |(place, judgement): (u32, &'a Judgement)| {
        let exposure =
            assessment.exposures.iter().find(|it| it.asset == number && it.judgement == place);
        let component = bill.components.get(judgement.component as usize)?;
        let decided =
            exposure.and_then(|exposure| Some((exposure, assessment.decision(exposure)?)));
        Some(Card {
            state,
            component,
            judgement,
            decided,
            threat: standing.world.threats.get(&judgement.vulnerability),
        })
    };
    let mut cards: Vec<Card<'a>> =
        (0..).zip(&bill.judgements).filter(|(_, it)| wanted(it)).filter_map(card).collect();
    cards.sort_by_key(|card| {
        std::cmp::Reverse((
            card.decided.map(|(_, decision)| decision.outcome),
            card.judgement.verdict,
        ))
    });
    cards
}

fn print_asset(standing: &Standing, state: &AssetState) -> Result<()> {
    say(&format!("{} at site {}", state.asset.id, state.asset.site))?;
    for &attribute in Attribute::ALL {
        for said in state.asset.said(&standing.claims, attribute) {
            say(&format!(
                "  {:<16} {}  ({}, {})",
                attribute.name(),
                said.value,
                said.source,
                day(said.observed_at)
            ))?;
        }
    }
    let category = state.category.as_deref().unwrap_or("not known, treated as harmful");
    let gated = if state.gated {
        "; gated: no change without a signed clinical risk assessment"
    } else {
        ""
    };
    say(&format!("  {:<16} {category}, harm S{}{gated}", "category", state.harm))?;
    for join in &state.asset.joins {
        say(&format!(
            "  {:<16} two claims were joined by {} ({})",
            "identity",
            join.kind.words(),
            join.key
        ))?;
    }
    Ok(())
}

impl Card<'_> {
    fn print(&self, standing: &Standing) -> Result<()> {
        let judgement = self.judgement;
        let verdict = match judgement.verdict {
            Verdict::Affected => "affected",
            Verdict::Possibly => "possibly affected",
            Verdict::NotAffected => "not affected",
        };
        let title = self.threat.and_then(|threat| threat.title.as_deref());
        let title =
            title.or_else(|| checks::by_id(&judgement.vulnerability).map(|check| check.title));
        say(&format!("\n{}  {}", judgement.vulnerability, title.unwrap_or_default()))?;
        say(&format!(
            "  {:<16} {} is {verdict} (confidence {})",
            "verdict",
            in_words(self.component),
            word(&json!(judgement.confidence))
        ))?;
        for evidence in &judgement.evidence {
            say(&format!(
                "  {:<16} {} of {}: {}",
                "because", evidence.document, evidence.publisher, evidence.because
            ))?;
        }
        if let Some(fact) = &judgement.missing_fact {
            say(&format!("  {:<16} {fact}", "to settle it"))?;
        }
        if let Some(version) = &judgement.fixed_in {
            say(&format!("  {:<16} {version}", "fixed in"))?;
        }
        self.print_threat(standing)?;
        self.print_decision()
    }

    fn print_threat(&self, standing: &Standing) -> Result<()> {
        if checks::by_id(&self.judgement.vulnerability).is_some() {
            return Ok(());
        }
        let line = |name: &str, words: String| say(&format!("  {name:<16} {words}"));
        match self.threat.and_then(|threat| threat.severity.as_ref()) {
            Some(severity) => line(
                "severity",
                format!(
                    "CVSS {} {} {} ({})",
                    severity.version, severity.score, severity.vector, severity.publisher
                ),
            )?,
            None => line("severity", "not known: no source gives a CVSS vector".to_owned())?,
        }
        match (self.threat.and_then(|threat| threat.epss), standing.world.threats.epss_edition()) {
            (Some(epss), Some(edition)) => line(
                "EPSS",
                format!(
                    "{} (percentile {}), model {}, {}",
                    probability(epss.probability_e5),
                    probability(epss.percentile_e5),
                    edition.model_version,
                    edition.score_date
                ),
            )?,
            (None, Some(edition)) => {
                line("EPSS", format!("no score on {}: not a low one", edition.score_date))?;
            }
            (_, None) => line("EPSS", "not loaded".to_owned())?,
        }
        let Some(threat) = self.threat else { return Ok(()) };
        if let Some(entry) = &threat.kev {
            let due = entry.due.map_or_else(String::new, |due| format!(", agencies' date {due}"));
            let ransomware =
                if entry.ransomware == Some(true) { ", used by ransomware" } else { "" };
            line(
                "KEV",
                format!("since {}{due}{ransomware}: {}", entry.added, entry.required_action),
            )?;
        }
        for exploit in &threat.exploits {
            line("public exploit", exploit.name.clone())?;
        }
        if let Some((exploitation, publisher)) = &threat.exploitation {
            line("exploitation", format!("{exploitation:?} says {publisher}"))?;
        }
        Ok(())
    }

    fn print_decision(&self) -> Result<()> {
        let Some((exposure, decision)) = self.decided else { return Ok(()) };
        let due = exposure.due.map_or_else(String::new, |due| format!(", due {}", day(due)));
        say(&format!(
            "  {:<16} {}{due}: {} (row {})",
            "decision",
            decision.outcome.words(),
            decision.because,
            decision.row
        ))?;
        for fact in &decision.unsettled {
            say(&format!("  {:<16} {fact}", "could change with"))?;
        }
        Ok(())
    }

    fn json(&self, standing: &Standing) -> Value {
        let judgement = self.judgement;
        let severity = self.threat.and_then(|threat| threat.severity.as_ref());
        let epss = self.threat.and_then(|threat| threat.epss);
        let edition = standing.world.threats.epss_edition();
        json!({
            "asset_id": self.state.asset.id,
            "component": in_words(self.component),
            "vulnerability": judgement.vulnerability,
            "verdict": judgement.verdict,
            "confidence": judgement.confidence,
            "missing_fact": judgement.missing_fact,
            "fixed_in": judgement.fixed_in,
            "evidence": judgement.evidence,
            "severity": severity.map(|it| json!({"vector": it.vector, "score": it.score.to_string(), "publisher": it.publisher})),
            "epss": epss.zip(edition).map(|(score, edition)| json!({
                "probability": probability(score.probability_e5),
                "percentile": probability(score.percentile_e5),
                "model_version": edition.model_version,
                "score_date": edition.score_date,
            })),
            "kev": self.threat.and_then(|threat| threat.kev.as_ref()),
            "category": self.state.category,
            "harm": self.state.harm,
            "gated": self.state.gated,
            "decision": self.decided.map(|(_, decision)| decision),
            "due": self.decided.and_then(|(exposure, _)| exposure.due).map(day),
        })
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
