//! `exposome explain`: every fact behind one conclusion, and which fact would change it.

use crate::PROGRAM;
use crate::cli::{Cli, Explain};
use crate::diff::because;
use crate::exit::Exit;
use crate::matching::{JUDGED, judged};
use crate::output::{Column, List, column, say};
use crate::snapshot::{self, Snapshot};
use crate::state;
use crate::worklist::day;
use anyhow::{Result, bail};
use exposome_engine::assess::{Rules, in_words};
use exposome_engine::checks;
use exposome_engine::decide::Input;
use exposome_engine::grounds::Grounds;
use exposome_engine::identify::Asset;
use exposome_engine::metrics::{Metrics, Scored};
use exposome_engine::people::People;
use exposome_engine::prioritise::{Decided, decide_one};
use exposome_engine::snapshot::{KnownAsset, Unfit};
use exposome_engine::threat::{EpssEdition, Threat, Threats};
use exposome_engine::worklist::in_hundred_thousandths as probability;
use exposome_model::claim::Claim;
use exposome_model::decision::Stand;
use exposome_model::event::Anchor;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Attribute, Component};
use exposome_model::transition::Reason;
use exposome_score::legacy::Interval;
use exposome_site::life::{Turn, Window, turns_of};
use exposome_site::replay::another;
use exposome_site::{InForce, people};
use exposome_store::Store;
use exposome_store::assessments::Finished;
use exposome_store::world::EpssOfDay;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) async fn run(cli: &Cli, arguments: &Explain) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let as_of = state::as_of(cli)?;
    let found = snapshot::ask(cli, &store, &arguments.site, |snapshot| {
        let asset = snapshot.examined.find(&arguments.asset)?;
        let found = |asset| Explained::read(snapshot, asset, arguments);
        asset.map(found).transpose()
    })
    .await?;
    let Some(mut explained) = found else {
        bail!(
            "no asset {:?} at site {:?}; `exposome worklist --flat --json` lists their numbers",
            arguments.asset,
            arguments.site
        );
    };
    let anchors = |subjects: &[(String, String)]| -> Vec<Anchor> {
        let anchor =
            |(source, key): &(String, String)| Anchor { source: source.clone(), key: key.clone() };
        subjects.iter().map(anchor).collect()
    };
    let (site, known) = (&arguments.site, &explained.asset);
    let claims = store.whole_claims_at(site, &anchors(&known.claims), as_of).await?;
    let zones = store.claims_at(site, &anchors(&known.zones), as_of).await?;
    explained.read_concluded(&store, site, as_of).await?;
    let people = people(&store, site, as_of).await?;
    let since = explained.asset.alike.first_recorded;
    let metrics = &explained.in_force.rules.metrics;
    for card in &mut explained.cards {
        card.scores = store.epss_of(&card.judgement.vulnerability, as_of).await?;
        let of = (Some(&card.component), claims.as_slice());
        card.window = Window::of((card.threat.as_ref(), Some(since)), &card.turns, of);
        let claims = [claims.as_slice(), zones.as_slice()];
        card.name_grounds(claims, &people, metrics);
    }
    store.close().await;
    let asset = described(&explained.asset, &claims);
    explained.not_seen_since = asset.not_seen_since(&claims);
    let cards = &explained.cards;
    if arguments.rendering.csv {
        let mut list = List::new(&[&JUDGED[..], &DECIDED].concat());
        for card in cards {
            list.push(card.row(&explained));
        }
        list.print(arguments.rendering)?;
        return Ok(Exit::Done);
    }
    if arguments.rendering.json {
        for card in cards {
            say(&card.json(&explained).to_string())?;
        }
        return Ok(Exit::Done);
    }
    print_asset(&explained, &asset, &claims)?;
    print_place(&explained.asset, &zones, &explained.in_force.rules)?;
    if cards.is_empty() {
        let about = arguments.vulnerability.as_deref().unwrap_or("any vulnerability");
        say(&format!(
            "\nNo document that is loaded speaks of {about} for anything this asset is known to be made of."
        ))?;
        say("That is no proof: `exposome feeds status` shows what is loaded and how old it is.")?;
    }
    for card in cards {
        card.print(&explained)?;
    }
    Ok(Exit::Done)
}

/// What a line of a card says beside the judgement, for a spreadsheet.
const DECIDED: [Column; 10] = [
    column("evidence", "evidence"),
    column("cvss_score", "CVSS"),
    column("cvss_vector", "vector"),
    column("epss_probability", "EPSS"),
    column("epss_date", "EPSS of"),
    column("kev_added", "KEV since"),
    column("outcome", "decision"),
    column("row", "row"),
    column("because", "because"),
    column("due", "due"),
];

/// An asset, and everything that was concluded of what was asked.
struct Explained {
    asset: KnownAsset,
    in_force: InForce,
    /// Since when no source sees it any more.
    not_seen_since: Option<Timestamp>,
    edition: Option<EpssEdition>,
    cards: Vec<Card>,
    /// The assessment in force, and what is another one since.
    finished: Option<(Finished, Vec<Reason>)>,
}

/// One cause on one component of one asset, with everything that was concluded.
struct Card {
    component: Component,
    judgement: Judgement,
    /// None where it is not affected.
    decided: Option<Decided>,
    threat: Option<Threat>,
    /// Where it stood, as it was concluded, the earliest first.
    turns: Vec<Turn>,
    window: Window,
    /// What it was scored day by day.
    scores: Vec<EpssOfDay>,
}

impl Explained {
    fn read(
        snapshot: &Snapshot,
        asset: KnownAsset,
        arguments: &Explain,
    ) -> Result<Explained, Unfit> {
        let ground = snapshot.decided.ground()?;
        let wanted = |judgement: &Judgement| match &arguments.vulnerability {
            Some(wanted) => judgement.vulnerability.eq_ignore_ascii_case(wanted),
            None => judgement.verdict != Verdict::NotAffected,
        };
        let bill = snapshot.examined.bill(asset.alike.bill)?;
        let mut cards = Vec::new();
        for (place, judgement) in (0..).zip(&bill.judgements).filter(|(_, it)| wanted(it)) {
            let Some(component) = bill.components.get(judgement.component as usize) else {
                return Err(Unfit::Damaged);
            };
            let threat = threat(snapshot, &judgement.vulnerability)?;
            let cause = judgement.vulnerability.as_str();
            let known = threat.iter().map(|threat| (cause.to_owned(), threat.clone())).collect();
            let mut threats = Threats::known(known, ground.epss.clone());
            threats.remember(ground.epss_past.clone());
            let decided = if judgement.verdict == Verdict::NotAffected {
                None
            } else {
                let rules = &snapshot.in_force.rules;
                let on = (snapshot.as_of, &threats, ground.sight, rules.as_ref());
                decide_one(&bill, place, asset.alike, on)
            };
            let (component, judgement) = (component.clone(), judgement.clone());
            cards.push(Card {
                component,
                judgement,
                decided,
                threat,
                turns: Vec::new(),
                window: Window::default(),
                scores: Vec::new(),
            });
        }
        cards.sort_by_key(|card| {
            std::cmp::Reverse((
                card.decided.as_ref().map(|it| it.decision.outcome),
                card.judgement.verdict,
            ))
        });
        let in_force = snapshot.in_force.clone();
        let edition = ground.epss;
        Ok(Explained { asset, in_force, not_seen_since: None, edition, cards, finished: None })
    }

    /// What the assessments that were recorded by then concluded.
    async fn read_concluded(&mut self, store: &Store, site: &str, as_of: Timestamp) -> Result<()> {
        let Some(finished) = store.finished(site, as_of).await? else { return Ok(()) };
        for (place, turn) in turns_of(store, site, &self.asset.id, finished.number).await? {
            let is_of =
                |card: &&mut Card| place.is_of(&card.component, &card.judgement.vulnerability);
            let Some(card) = self.cards.iter_mut().find(is_of) else { continue };
            card.turns.push(turn);
        }
        let position = store.position(site, finished.as_of).await?;
        let ground = (&self.in_force, &position);
        let another = another(store, site, &finished, PROGRAM, ground).await?;
        self.finished = Some((finished, another));
        Ok(())
    }
}

/// What is known of a vulnerability, with its score.
fn threat(snapshot: &Snapshot, vulnerability: &str) -> Result<Option<Threat>, Unfit> {
    let Some((number, threat)) = snapshot.examined.threat(vulnerability)? else { return Ok(None) };
    let Some(threat) = threat else { return Ok(None) };
    Ok(Some(Threat { epss: snapshot.decided.score(number)?, ..threat }))
}

/// The asset as its claims describe it.
fn described(known: &KnownAsset, claims: &[Claim]) -> Asset {
    Asset {
        site: known.site.clone(),
        id: known.id.clone(),
        claims: (0..).take(claims.len()).collect(),
        joins: Vec::new(),
    }
}

fn print_asset(explained: &Explained, asset: &Asset, claims: &[Claim]) -> Result<()> {
    let known = &explained.asset;
    say(&format!("{} at site {}", known.id, known.site))?;
    if let Some(since) = explained.not_seen_since {
        let since = day(since);
        say(&format!(
            "  {:<16} not since {since}; what was known of it then still counts",
            "seen"
        ))?;
    }
    for &attribute in Attribute::ALL {
        for said in asset.said(claims, attribute) {
            say(&format!(
                "  {:<16} {}  ({}, {})",
                attribute.name(),
                said.value,
                said.source,
                day(said.observed_at)
            ))?;
        }
    }
    let category = known.category.as_deref().unwrap_or("not known, treated as harmful");
    let gated = if known.alike.gated {
        "; gated: no change without a signed clinical risk assessment"
    } else {
        ""
    };
    say(&format!("  {:<16} {category}, harm S{}{gated}", "category", known.alike.setting.harm()))?;
    for (kind, key) in &known.joins {
        say(&format!("  {:<16} two claims were joined by {} ({key})", "identity", kind.words()))?;
    }
    Ok(())
}

/// From where it can be reached, and how it may be asked anything.
fn print_place(known: &KnownAsset, zones: &[Claim], rules: &Rules) -> Result<()> {
    for zone in zones {
        let said = |attribute| zone.sheet.all(attribute).collect::<Vec<_>>().join(", ");
        let (subnet, name) = (said(Attribute::Subnet), said(Attribute::Zone));
        let (exposure, day) = (said(Attribute::Exposure), day(zone.observed_at));
        say(&format!("  {:<16} {subnet} {name}: {exposure}  ({}, {day})", "zone", zone.source))?;
    }
    let reached = match known.alike.setting.exposure.name(Input::Exposure) {
        Some("open") => "open: from outside the hospital",
        Some("controlled") => "controlled: from the hospital's network",
        Some(_) => "small: from its own segment only",
        None => "not known: a zone sheet (subnet, zone, exposure) says it for all at once",
    };
    say(&format!("  {:<16} {reached}", "reached"))?;
    let category = known.category.as_deref().and_then(|code| rules.categories.by_code(code));
    if let Some(category) = category {
        let how = match category.query_tier {
            0 => "it is only listened to",
            1 => "it is asked by its own protocol only",
            _ => "it may be asked while it is idle",
        };
        let fragility = format!("{:?}", category.fragility).to_lowercase();
        say(&format!(
            "  {:<16} {how} (fragility {fragility}, tier {})",
            "discovery", category.query_tier
        ))?;
    }
    Ok(())
}

impl Card {
    fn name_grounds(&mut self, claims: [&[Claim]; 2], people: &People, metrics: &Metrics) {
        let Some(scored) = self.decided.as_mut().and_then(|it| it.scored.as_mut()) else { return };
        let vulnerability = self.judgement.vulnerability.as_str();
        let grounds = Grounds { claims, people, vulnerability, threat: self.threat.as_ref() };
        grounds.name(&mut scored.metrics, metrics);
    }

    /// Whether it stands elsewhere than it was concluded.
    fn is_elsewhere(&self, then: Option<&Stand>) -> bool {
        let computed = self.decided.as_ref().map(|it| (it.decision.outcome, it.due));
        then.map(|it| (it.outcome, it.due)) != computed
    }

    fn print_concluded(&self, of: &Explained) -> Result<()> {
        let Some((finished, another)) = &of.finished else { return Ok(()) };
        for turn in &self.turns {
            let (day, stand) = (day(turn.as_of), stood(turn.stand.as_ref()));
            let because = because(&turn.why);
            say(&format!("  {:<16} {day} {stand}: {because}", "concluded"))?;
        }
        let then = self.turns.last().and_then(|it| it.stand.as_ref());
        if !self.is_elsewhere(then) {
            return Ok(());
        }
        let (then, number, day) = (stood(then), finished.number, day(finished.as_of));
        let because =
            if another.is_empty() { "facts have come since".to_owned() } else { because(another) };
        say(&format!(
            "  {:<16} {then}, by assessment {number} of {day}; computed today it is the above: {because}",
            "as concluded"
        ))
    }

    fn print(&self, of: &Explained) -> Result<()> {
        let judgement = &self.judgement;
        let verdict = match judgement.verdict {
            Verdict::Affected => "affected",
            Verdict::Possibly => "possibly affected",
            Verdict::NotAffected => "not affected",
        };
        let title = self.threat.as_ref().and_then(|threat| threat.title.as_deref());
        let title =
            title.or_else(|| checks::by_id(&judgement.vulnerability).map(|check| check.title));
        say(&format!("\n{}  {}", judgement.vulnerability, title.unwrap_or_default()))?;
        say(&format!(
            "  {:<16} {} is {verdict} (confidence {})",
            "verdict",
            in_words(&self.component),
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
        self.print_threat(of.edition.as_ref())?;
        self.print_scores()?;
        self.print_decision()?;
        self.print_life()?;
        self.print_concluded(of)
    }

    fn print_threat(&self, edition: Option<&EpssEdition>) -> Result<()> {
        if checks::by_id(&self.judgement.vulnerability).is_some() {
            return Ok(());
        }
        let line = |name: &str, words: String| say(&format!("  {name:<16} {words}"));
        let threat = self.threat.as_ref();
        match threat.and_then(|threat| threat.severity.as_ref()) {
            Some(severity) => line(
                "severity",
                format!(
                    "CVSS {} {} {} ({})",
                    severity.version, severity.score, severity.vector, severity.source.publisher
                ),
            )?,
            None => line("severity", "not known: no source gives a CVSS vector".to_owned())?,
        }
        match (threat.and_then(|threat| threat.epss), edition) {
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
        let Some(threat) = threat else { return Ok(()) };
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
        if let Some((since, source)) = &threat.exploited_since {
            line("exploited", format!("since {since}, says {}", source.publisher))?;
        }
        if let Some((exploitation, source)) = &threat.exploitation {
            line("exploitation", format!("{exploitation:?} says {}", source.publisher))?;
        }
        Ok(())
    }

    /// The moments of its window, and how its score moved.
    fn print_life(&self) -> Result<()> {
        let moments = self
            .moments()
            .map(|(name, moment)| format!("{name} {}", moment.map_or_else(|| "-".to_owned(), day)));
        say(&format!("  {:<16} {}", "window", moments.join(", ")))?;
        let [first, .., last] = self.scores.as_slice() else { return Ok(()) };
        let of = |it: &EpssOfDay| format!("{} on {}", probability(it.score.0), it.score_date);
        let highest = self.scores.iter().max_by_key(|it| it.score.0).map(of).unwrap_or_default();
        let models: BTreeSet<&str> =
            self.scores.iter().map(|it| it.model_version.as_str()).collect();
        let other = if models.len() > 1 { "; the model changed on the way" } else { "" };
        let (first, last) = (of(first), of(last));
        say(&format!("  {:<16} {first}, {last}; highest {highest}{other}", "EPSS so far"))
    }

    fn moments(&self) -> [(&'static str, Option<Timestamp>); 6] {
        let Window { disclosed, known, exploitable, mitigated, fixed, verified } = self.window;
        [
            ("disclosed", disclosed),
            ("known", known),
            ("exploitable", exploitable),
            ("mitigated", mitigated),
            ("fixed", fixed),
            ("verified", verified),
        ]
    }

    /// The scores in this place on this day, and why each metric is what it is.
    fn print_scores(&self) -> Result<()> {
        let Some(scored) = self.decided.as_ref().and_then(|it| it.scored.as_ref()) else {
            return Ok(());
        };
        let Scored { environmental, full, vector, metrics, .. } = scored;
        let derived = if vector.is_some() { "" } else { ", derived from an older vector" };
        say(&format!("  {:<16} {environmental}: how severe it is here{derived}", "CVSS-BE"))?;
        let vector = vector.map_or_else(String::new, |vector| format!(" {vector}"));
        say(&format!(
            "  {:<16} {full}: with what is known of attacks{derived}{vector}",
            "CVSS-BTE"
        ))?;
        for metric in metrics {
            let because = match (&metric.rule, &metric.because) {
                (Some(rule), Some(because)) => format!("{because} (rule {rule})"),
                _ => "not known".to_owned(),
            };
            say(&format!("  {:<16} {because}", metric.in_words()))?;
            if !metric.facts.is_empty() {
                let facts: Vec<String> = metric.facts.iter().map(ToString::to_string).collect();
                say(&format!("  {:<16} from {}", "", facts.join(", ")))?;
            }
        }
        Ok(())
    }

    fn print_decision(&self) -> Result<()> {
        let Some(Decided { decision, due, directive_days, deployer, .. }) = &self.decided else {
            return Ok(());
        };
        let sooner = directive_days
            .map_or_else(String::new, |days| format!(" (within {days} days by BOD 26-04)"));
        let due = due.map_or_else(String::new, |due| format!(", due {}{sooner}", day(due)));
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
        if let [least, .., most] = deployer.as_slice() {
            let words = "as far as is known; it does not decide";
            say(&format!("  {:<16} {least} to {most}, {words}", "SSVC deployer"))?;
        } else if let [one] = deployer.as_slice() {
            say(&format!("  {:<16} {one}; it does not decide", "SSVC deployer"))?;
        }
        Ok(())
    }

    /// Under [`JUDGED`] and [`DECIDED`].
    fn row(&self, of: &Explained) -> Vec<Value> {
        let Card { component, judgement, decided, threat, .. } = self;
        let severity = threat.as_ref().and_then(|threat| threat.severity.as_ref());
        let epss = threat.as_ref().and_then(|threat| threat.epss);
        let kev = threat.as_ref().and_then(|threat| threat.kev.as_ref());
        let evidence = judgement.evidence.iter();
        let evidence: Vec<String> = evidence
            .map(|it| format!("{} of {}: {}", it.document, it.publisher, it.because))
            .collect();
        let decision = decided.as_ref().map(|it| &it.decision);
        let mut row = judged(&of.asset.id, Some(component), judgement);
        row.extend([
            json!(evidence),
            json!(severity.map(|it| it.score.to_string())),
            json!(severity.map(|it| &it.vector)),
            json!(epss.map(|score| probability(score.probability_e5))),
            json!(of.edition.as_ref().map(|edition| edition.score_date)),
            json!(kev.map(|entry| entry.added)),
            json!(decision.map(|decision| decision.outcome)),
            json!(decision.map(|decision| &decision.row)),
            json!(decision.map(|decision| &decision.because)),
            json!(decided.as_ref().and_then(|it| it.due).map(day)),
        ]);
        row
    }

    fn json(&self, of: &Explained) -> Value {
        let judgement = &self.judgement;
        let threat = self.threat.as_ref();
        let severity = threat.and_then(|threat| threat.severity.as_ref());
        let epss = threat.and_then(|threat| threat.epss);
        json!({
            "asset_id": of.asset.id,
            "not_seen_since": of.not_seen_since.map(day),
            "component": in_words(&self.component),
            "vulnerability": judgement.vulnerability,
            "verdict": judgement.verdict,
            "confidence": judgement.confidence,
            "missing_fact": judgement.missing_fact,
            "fixed_in": judgement.fixed_in,
            "evidence": judgement.evidence,
            "cvss": self.decided.as_ref().and_then(|it| it.scored.as_ref()).map(scores),
            "severity": severity.map(|it| json!({"vector": it.vector, "score": it.score.to_string(), "publisher": it.source.publisher, "document": it.source.document})),
            "epss": epss.zip(of.edition.as_ref()).map(|(score, edition)| json!({
                "probability": probability(score.probability_e5),
                "percentile": probability(score.percentile_e5),
                "model_version": edition.model_version,
                "score_date": edition.score_date,
            })),
            "kev": threat.and_then(|threat| threat.kev.as_ref()),
            "category": of.asset.category,
            "harm": of.asset.alike.setting.harm(),
            "gated": of.asset.alike.gated,
            "decision": self.decided.as_ref().map(|it| &it.decision),
            "due": self.decided.as_ref().and_then(|it| it.due).map(day),
            "directive_days": self.decided.as_ref().and_then(|it| it.directive_days),
            "ssvc_deployer": self.decided.as_ref().map(|it| &it.deployer),
            "concluded": self.turns,
            "window": self.window,
            "epss_days": self.scores.iter().map(|it| json!({
                "score_date": it.score_date,
                "model_version": it.model_version,
                "probability": probability(it.score.0),
            })).collect::<Vec<_>>(),
        })
    }
}

/// The scores of CVSS 4.0: each one number, or the lowest and the highest it can be.
fn scores(scored: &Scored) -> Value {
    let ends = |it: Interval| json!({"low": it.low.to_string(), "high": it.high.to_string()});
    json!({
        "derived": scored.vector.is_none(),
        "vector": scored.vector.map(|vector| vector.to_string()),
        "base": ends(scored.base),
        "environmental": ends(scored.environmental),
        "threat_environmental": ends(scored.full),
        "metrics": scored.metrics,
    })
}

/// `schedule, due 2026-09-09 (row 3-likely)`.
fn stood(stand: Option<&Stand>) -> String {
    let Some(Stand { outcome, row, due }) = stand else { return "not exposed".to_owned() };
    let due = due.map_or_else(String::new, |due| format!(", due {}", day(due)));
    format!("{}{due} (row {row})", outcome.words())
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
