//! What is known of the danger of each vulnerability: severity, exploitation, likelihood.
//!
//! Every figure keeps its source.  What no source said stays `None`: a missing
//! score is not a low one.

use exposome_model::fact::FactId;
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, ExploitEntry, Exploitation, KevEntry, Record,
};
use exposome_score::{Cvss, Tenths};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of every vulnerability that any publisher spoke of.
#[derive(Debug, Clone, Default)]
pub struct Threats {
    /// Shared with those who hold an earlier moment, one by one and as a whole.
    by_id: Arc<BTreeMap<String, Arc<Threat>>>,
    epss_edition: Option<EpssEdition>,
    /// The scores of earlier days, of those vulnerabilities where somebody waits for them to rise.
    epss_past: EpssPast,
}

/// Scores day by day, the earliest first, by vulnerability.
pub type EpssPast = BTreeMap<String, Vec<EpssDay>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpssDay {
    pub score_date: jiff::civil::Date,
    pub probability_e5: u32,
}

/// Which EPSS scores are in force.  A probability means nothing without its model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpssEdition {
    pub model_version: String,
    pub score_date: jiff::civil::Date,
}

/// Whose word something is, and in which document it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    pub publisher: String,
    pub document: String,
}

impl Source {
    fn of(advisory: &Advisory) -> Source {
        let (publisher, document) = (advisory.publisher.clone(), advisory.document.clone());
        Source { publisher, document }
    }

    /// What it says of a vulnerability, by its name.
    pub fn says_of(&self, vulnerability: &str) -> FactId {
        FactId::advisory(&self.publisher, &self.document, vulnerability)
    }
}

/// What is known of one vulnerability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threat {
    pub title: Option<String>,
    /// The earliest date any publisher gives.
    pub published: Option<jiff::Timestamp>,
    pub severity: Option<PublishedSeverity>,
    pub epss: Option<EpssScore>,
    pub kev: Option<KevEntry>,
    pub exploits: Vec<ExploitEntry>,
    /// The strongest word of any publisher (SSVC exploitation), and whose it is.
    pub exploitation: Option<(Exploitation, Source)>,
    /// Since when a publisher knows of exploitation, and whose word that is: the earliest.  So CISA's list is heard of
    /// where the list itself is not loaded.
    pub exploited_since: Option<(jiff::civil::Date, Source)>,
    /// SSVC decision points, as published.
    pub automatable: Option<bool>,
    pub technical_impact_total: Option<bool>,
}

/// What lists of exploited vulnerabilities say of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    pub kev: Option<KevEntry>,
    pub exploits: Vec<ExploitEntry>,
}

/// Kept as the vector and its publisher; the rest is read from them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedSeverity {
    pub vector: String,
    pub cvss: Cvss,
    pub version: &'static str,
    /// Computed from the whole vector.
    pub score: Tenths,
    pub source: Source,
    /// Newer versions of the standard first, then the assigner before the catalogues.
    rank: (u8, u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpssScore {
    pub probability_e5: u32,
    pub percentile_e5: u32,
}

impl Threats {
    /// What was heard before and kept.
    pub fn known(by_id: BTreeMap<String, Threat>, epss_edition: Option<EpssEdition>) -> Threats {
        let by_id = by_id.into_iter().map(|(id, threat)| (id, Arc::new(threat)));
        let by_id = Arc::new(by_id.collect());
        Threats { by_id, epss_edition, epss_past: EpssPast::new() }
    }

    /// Takes in what a record says of how dangerous a vulnerability is.
    pub fn hear(&mut self, record: &Record) {
        match record {
            Record::Advisory(advisory) if advisory.state == AdvisoryState::Published => {
                self.hear_advisory(advisory);
            }
            Record::Advisory(_) | Record::Support(_) => {}
            Record::Kev(entry) => self.entry(&entry.vulnerability).kev = Some(entry.clone()),
            Record::Exploit(entry) => {
                let exploits = &mut self.entry(&entry.vulnerability).exploits;
                if !exploits.contains(entry) {
                    exploits.push(entry.clone());
                }
            }
        }
    }

    /// Puts a day's scores in force in place of those before.  Who no publisher spoke of keeps none.
    pub fn score(&mut self, edition: EpssEdition, score_of: impl Fn(&str) -> Option<EpssScore>) {
        for (vulnerability, threat) in Arc::make_mut(&mut self.by_id) {
            let epss = score_of(vulnerability);
            if threat.epss != epss {
                Arc::make_mut(threat).epss = epss;
            }
        }
        self.epss_edition = Some(edition);
    }

    /// Puts lists of what is exploited in place of those before: all that are in force, whole.
    pub fn list(&mut self, listed: BTreeMap<String, Listed>) {
        let is_gone = |(id, threat): &(&String, &Arc<Threat>)| {
            (threat.kev.is_some() || !threat.exploits.is_empty()) && !listed.contains_key(*id)
        };
        let gone: Vec<String> =
            self.by_id.iter().filter(is_gone).map(|(id, _)| id.clone()).collect();
        let gone = gone.into_iter().map(|id| (id, Listed::default()));
        for (id, Listed { kev, exploits }) in listed.into_iter().chain(gone) {
            let known =
                self.by_id.get(&id).is_some_and(|it| it.kev == kev && it.exploits == exploits);
            if known {
                continue;
            }
            let threat = self.entry(&id);
            (threat.kev, threat.exploits) = (kev, exploits);
            if *threat == Threat::default() {
                Arc::make_mut(&mut self.by_id).remove(&id);
            }
        }
    }

    /// The vulnerabilities of which something else is known than before.
    pub(crate) fn other_than(&self, before: &Threats) -> Vec<String> {
        let ids: std::collections::BTreeSet<&String> =
            self.by_id.keys().chain(before.by_id.keys()).collect();
        let is_other = |id: &&String| match (self.by_id.get(*id), before.by_id.get(*id)) {
            (Some(now), Some(before)) => !Arc::ptr_eq(now, before) && now != before,
            _ => true,
        };
        ids.into_iter().filter(is_other).cloned().collect()
    }

    /// Replaces everything that is known of a vulnerability, its score with it; `None`: nobody speaks of it.
    pub fn replace(&mut self, vulnerability: &str, threat: Option<Threat>) {
        let by_id = Arc::make_mut(&mut self.by_id);
        match threat {
            Some(threat) => drop(by_id.insert(vulnerability.to_owned(), Arc::new(threat))),
            None => drop(by_id.remove(vulnerability)),
        }
    }

    pub fn remember(&mut self, epss_past: EpssPast) {
        self.epss_past = epss_past;
    }

    pub fn epss_past(&self) -> &EpssPast {
        &self.epss_past
    }

    pub fn epss_edition(&self) -> Option<&EpssEdition> {
        self.epss_edition.as_ref()
    }

    pub fn get(&self, vulnerability: &str) -> Option<&Threat> {
        self.by_id.get(vulnerability).map(Arc::as_ref)
    }

    /// To be kept by whoever holds on to this moment.
    pub(crate) fn shared(&self, vulnerability: &str) -> Option<Arc<Threat>> {
        self.by_id.get(vulnerability).cloned()
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    fn entry(&mut self, id: &str) -> &mut Threat {
        let by_id = Arc::make_mut(&mut self.by_id);
        if !by_id.contains_key(id) {
            by_id.insert(id.to_owned(), Arc::default());
        }
        Arc::make_mut(by_id.entry(id.to_owned()).or_default())
    }

    fn hear_advisory(&mut self, advisory: &Advisory) {
        let severities = advisory
            .severities
            .iter()
            .filter_map(|said| PublishedSeverity::read(&said.vector, Source::of(advisory)));
        let best = severities.min_by_key(|severity| severity.rank);
        let threat = self.entry(&advisory.vulnerability);
        if threat.title.is_none()
            || advisory.kind == AdvisoryKind::Record && advisory.publisher.starts_with("cve:")
        {
            threat.title = advisory.title.clone().or_else(|| threat.title.take());
        }
        threat.published = [threat.published, advisory.published].into_iter().flatten().min();
        let earlier = threat.severity.take();
        threat.severity = earlier.into_iter().chain(best).min_by_key(|severity| severity.rank);
        let since = advisory.exploitation.iter().filter_map(|note| note.since);
        let since = since.map(|day| (day, Source::of(advisory)));
        threat.exploited_since = threat.exploited_since.take().into_iter().chain(since).min();
        if let Some(ssvc) = &advisory.ssvc {
            let said = ssvc.exploitation.map(|it| (it, Source::of(advisory)));
            threat.exploitation =
                threat.exploitation.take().into_iter().chain(said).max_by_key(|(it, _)| *it);
            threat.automatable = ssvc.automatable.or(threat.automatable);
            threat.technical_impact_total =
                ssvc.technical_impact_total.or(threat.technical_impact_total);
        }
    }
}

impl Threat {
    /// Whether somebody is known to exploit it: listed in KEV, or a publisher says so.
    pub fn is_active(&self) -> bool {
        self.kev.is_some()
            || self.exploited_since.is_some()
            || self.exploitation.as_ref().is_some_and(|(it, _)| *it == Exploitation::Active)
    }

    /// The moment of the evidence that made it urgent: listed in KEV, known to be exploited, an exploit published, else
    /// published.
    pub fn evidence_at(&self) -> Option<jiff::Timestamp> {
        let listed = self.kev.as_ref().and_then(|entry| midnight(entry.added));
        let exploit =
            self.exploits.iter().filter_map(|exploit| exploit.published).min().and_then(midnight);
        let known = self.exploited_since.as_ref().and_then(|(day, _)| midnight(*day));
        listed.or(known).or(exploit.max(self.published))
    }

    /// The facts that say how far its exploitation goes, but for exploits themselves.
    pub(crate) fn exploitation_facts(&self, vulnerability: &str) -> BTreeSet<FactId> {
        let kev = self.kev.as_ref().map(|_| FactId::kev(vulnerability));
        let since = self.exploited_since.as_ref().map(|(_, it)| it.says_of(vulnerability));
        let said = self.exploitation.as_ref().map(|(_, it)| it.says_of(vulnerability));
        kev.into_iter().chain(since).chain(said).collect()
    }

    /// Whether an exploit is public: a module anybody can run, or a publisher's word.
    pub fn has_public_exploit(&self) -> bool {
        !self.exploits.is_empty()
            || self.exploitation.as_ref().is_some_and(|(it, _)| *it >= Exploitation::PublicPoc)
    }
}

/// When a day begins, UTC.
pub(crate) fn midnight(day: jiff::civil::Date) -> Option<jiff::Timestamp> {
    day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp())
}

impl Serialize for PublishedSeverity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.vector, &self.source).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublishedSeverity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (vector, source) = <(String, Source)>::deserialize(deserializer)?;
        PublishedSeverity::read(&vector, source)
            .ok_or_else(|| D::Error::custom("not a CVSS vector"))
    }
}

impl PublishedSeverity {
    fn read(vector: &str, source: Source) -> Option<PublishedSeverity> {
        let cvss = Cvss::read(vector.as_bytes()).ok()?;
        let version_rank = match cvss.version() {
            "4.0" => 0,
            "3.1" => 1,
            "3.0" => 2,
            _ => 3,
        };
        let source_rank = match source.publisher.as_str() {
            publisher if publisher.starts_with("cve:") => 0,
            publisher if publisher.starts_with("csaf:") => 1,
            "nvd" => 2,
            _ => 3,
        };
        Some(PublishedSeverity {
            vector: vector.to_owned(),
            cvss,
            version: cvss.version(),
            score: cvss.score(),
            source,
            rank: (version_rank, source_rank),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::knowledge::{ExploitationNote, Severity, Ssvc};

    fn advisory(publisher: &str, vector: &str) -> Advisory {
        Advisory {
            vulnerability: "CVE-2020-1".into(),
            severities: vec![Severity { vector: vector.into(), score_tenths: None, source: None }],
            ..Advisory::new(publisher, AdvisoryKind::Record, "D")
        }
    }

    fn heard(advisories: &[Advisory]) -> Threat {
        let mut threats = Threats::default();
        for advisory in advisories {
            threats.hear(&Record::Advisory(Box::new(advisory.clone())));
        }
        threats.get("CVE-2020-1").cloned().unwrap_or_default()
    }

    #[test]
    fn the_assigners_vector_beats_the_catalogues_of_the_same_version() {
        let nvd = advisory("nvd", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
        let cna = advisory("cve:maker", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N");
        for order in [[nvd.clone(), cna.clone()], [cna, nvd]] {
            let severity = heard(&order).severity.unwrap();
            assert_eq!(
                (severity.source.publisher.as_str(), severity.score.to_string()),
                ("cve:maker", "5.3".to_owned())
            );
        }
    }

    #[test]
    fn a_mark_of_cisas_catalogue_counts_where_the_catalogue_is_not_loaded() {
        let mut marked = advisory("cve:cisa-adp", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
        assert!(!heard(std::slice::from_ref(&marked)).is_active());
        marked.exploitation = vec![
            ExploitationNote::words("no exploitation is known".into()),
            ExploitationNote::kev(jiff::civil::date(2021, 11, 3)),
        ];
        let threat = heard(&[marked]);
        assert!(threat.is_active());
        assert_eq!(threat.evidence_at(), "2021-11-03T00:00:00Z".parse().ok());
    }

    #[test]
    fn a_new_list_takes_the_place_of_the_one_before() {
        let kev = |id: &str| KevEntry {
            vulnerability: id.into(),
            vendor: String::new(),
            product: String::new(),
            name: String::new(),
            added: jiff::civil::date(2026, 8, 7),
            due: None,
            required_action: String::new(),
            ransomware: None,
        };
        let listed = |ids: &[&str]| -> BTreeMap<String, Listed> {
            let of = |id: &&str| Listed { kev: Some(kev(id)), exploits: Vec::new() };
            ids.iter().map(|id| ((*id).to_owned(), of(id))).collect()
        };
        let mut threats = Threats::default();
        let record = advisory("nvd", "AV:N/AC:L/Au:N/C:C/I:C/A:C");
        threats.hear(&Record::Advisory(Box::new(record)));
        let of_records = threats.clone();
        threats.list(listed(&["CVE-2020-1", "CVE-2020-2"]));
        let is_listed =
            |threats: &Threats, id: &str| threats.get(id).is_some_and(|it| it.kev.is_some());
        assert!(is_listed(&threats, "CVE-2020-1") && is_listed(&threats, "CVE-2020-2"));
        assert_eq!(threats.other_than(&of_records), ["CVE-2020-1", "CVE-2020-2"]);
        threats.list(listed(&["CVE-2020-2"]));
        assert!(!is_listed(&threats, "CVE-2020-1") && threats.get("CVE-2020-1").is_some());
        threats.list(BTreeMap::new());
        assert!(threats.get("CVE-2020-2").is_none(), "nobody speaks of it any more");
        assert_eq!(threats.other_than(&of_records), Vec::<String>::new());
    }

    #[test]
    fn a_vector_nobody_can_read_is_no_score() {
        assert_eq!(heard(&[advisory("nvd", "CVSS:3.1/AV:N")]).severity, None);
    }

    #[test]
    fn a_withdrawn_record_says_nothing() {
        let mut withdrawn = advisory("nvd", "AV:N/AC:L/Au:N/C:C/I:C/A:C");
        withdrawn.state = AdvisoryState::Withdrawn;
        assert_eq!(heard(&[withdrawn]), Threat::default());
    }

    #[test]
    fn the_strongest_word_on_exploitation_stands() {
        let said = |publisher: &str, exploitation| Advisory {
            ssvc: Some(Ssvc {
                exploitation: Some(exploitation),
                automatable: None,
                technical_impact_total: None,
            }),
            ..advisory(publisher, "")
        };
        let threat = heard(&[
            said("cve-adp:CISA", Exploitation::Active),
            said("cve:maker", Exploitation::None),
        ]);
        assert!(threat.is_active());
        assert!(threat.has_public_exploit());
    }
}
