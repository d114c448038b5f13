//! What scanners and device-security tools report, beside what we find ourselves.
//!
//! Nobody is believed blindly: where both say the same the finding is surer, where
//! only one says it the reason is named, so that a person can tell a scanner's
//! guess from a gap in what we know.  Only assets that the tool has looked at are
//! compared; of the others its silence says nothing.

use crate::assess::{Assessment, JudgedBill};
use crate::threat::Threats;
use crate::world::World;
use exposome_model::claim::Claim;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{FindingState, ScannerFinding};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One asset and one cause, as one tool and we see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared<'a> {
    pub asset: u32,
    /// The tool's source name.
    pub source: &'a str,
    /// The CVE; the tool's own check where it names none.
    pub cause: &'a str,
    /// `None`: it does not report it.
    pub theirs: Option<&'a ScannerFinding>,
    /// `None`: no record we know names anything that is installed there.
    pub ours: Option<Verdict>,
    pub agreement: Agreement,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    TheirsOnly,
    OursOnly,
    Agreed,
}

impl Agreement {
    pub const ALL: [Agreement; 3] = [Agreement::TheirsOnly, Agreement::OursOnly, Agreement::Agreed];

    pub fn words(self) -> &'static str {
        match self {
            Agreement::TheirsOnly => "theirs only",
            Agreement::OursOnly => "ours only",
            Agreement::Agreed => "agreed",
        }
    }
}

/// Every cause that a tool or we see on the assets that the tool has looked at; by asset, tool and cause.
pub fn compare<'a>(
    claims: &'a [Claim],
    assessment: &'a Assessment,
    world: &World,
) -> Vec<Compared<'a>> {
    let mut compared = Vec::new();
    for (asset, state) in (0..).zip(&assessment.assets) {
        let reports = reports(state.asset.claims(claims));
        if reports.is_empty() {
            continue;
        }
        let bill = assessment.bills.get(state.alike.bill as usize);
        compared.extend(compare_one(asset, reports, bill.map(Arc::as_ref), &world.threats));
    }
    compared
}

/// The same of one asset alone, by its own claims.
pub fn compare_of<'a>(
    asset: u32,
    claims: impl Iterator<Item = &'a Claim>,
    bill: Option<&'a JudgedBill>,
    threats: &Threats,
) -> Vec<Compared<'a>> {
    compare_one(asset, reports(claims), bill, threats)
}

fn compare_one<'a>(
    asset: u32,
    reports: Reports<'a>,
    bill: Option<&'a JudgedBill>,
    threats: &Threats,
) -> Vec<Compared<'a>> {
    let ours = bill.map(|bill| (best_by_cause(&bill.judgements), !bill.components.is_empty()));
    let (ours, something_installed) = ours.unwrap_or_default();
    let mut compared = Vec::new();
    for (source, findings) in reports {
        let both = ours.keys().chain(findings.keys()).copied();
        for cause in both.collect::<std::collections::BTreeSet<&str>>() {
            let theirs = findings.get(cause).copied();
            let judgement = ours.get(cause).copied();
            let Some((agreement, reason)) = weigh(theirs, judgement) else { continue };
            let reason = reason.unwrap_or_else(|| {
                unheard(theirs, something_installed, threats.get(cause).is_some())
            });
            let ours = judgement.map(|judgement| judgement.verdict);
            compared.push(Compared { asset, source, cause, theirs, ours, agreement, reason });
        }
    }
    compared
}

/// By tool and cause.
type Reports<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a ScannerFinding>>;

/// A finding that is open under one check and fixed under another is open.
fn reports<'a>(claims: impl Iterator<Item = &'a Claim>) -> Reports<'a> {
    let mut reports = Reports::new();
    for claim in claims.filter(|claim| !claim.sheet.findings.is_empty()) {
        let of_source = reports.entry(&claim.source).or_default();
        for finding in &claim.sheet.findings {
            let cause = finding.vulnerability.as_deref().or(finding.check.as_deref());
            let Some(cause) = cause else { continue };
            let held = of_source.entry(cause).or_insert(finding);
            if finding.state < held.state {
                *held = finding;
            }
        }
    }
    reports
}

/// Of several components that a cause concerns, the one it is surest of.
fn best_by_cause(judgements: &[Judgement]) -> BTreeMap<&str, &Judgement> {
    let mut best: BTreeMap<&str, &Judgement> = BTreeMap::new();
    for judgement in judgements {
        let held = best.entry(&judgement.vulnerability).or_insert(judgement);
        if judgement.verdict > held.verdict {
            *held = judgement;
        }
    }
    best
}

/// Who says it, and why the other may not; no reason where it must be looked for in what we know of the world.
fn weigh(
    theirs: Option<&ScannerFinding>,
    ours: Option<&Judgement>,
) -> Option<(Agreement, Option<String>)> {
    use FindingState::{Fixed, Open, Suppressed};
    use Verdict::{Affected, NotAffected, Possibly};
    let evidence = |judgement: &Judgement| {
        let first = judgement.evidence.first();
        first.map(|it| format!("{} of {}: {}", it.document, it.publisher, it.because))
    };
    Some(match (theirs.map(|it| it.state), ours.map(|it| (it.verdict, it))) {
        (Some(Open), Some((Affected, ours))) => (Agreement::Agreed, evidence(ours)),
        (Some(Open), Some((Possibly, ours))) => {
            let fact = ours.missing_fact.as_deref().unwrap_or("a fact");
            (Agreement::Agreed, Some(format!("the tool is sure; we miss: {fact}")))
        }
        (Some(Open), Some((NotAffected, ours))) => (Agreement::TheirsOnly, evidence(ours)),
        (Some(Open), None) => (Agreement::TheirsOnly, None),
        (Some(Fixed | Suppressed), None | Some((NotAffected, _))) => {
            (Agreement::Agreed, Some("neither sees it as open".to_owned()))
        }
        (Some(Fixed), Some((Affected | Possibly, _))) => (
            Agreement::OursOnly,
            Some("the tool calls it fixed; the version we know is from before".to_owned()),
        ),
        (Some(Suppressed), Some((Affected | Possibly, _))) => (
            Agreement::OursOnly,
            Some("somebody has suppressed it in the tool; here nobody has".to_owned()),
        ),
        (None, Some((Affected | Possibly, ours))) => {
            let own = evidence(ours).unwrap_or_default();
            (Agreement::OursOnly, Some(format!("the tool does not report it; {own}")))
        }
        (None, None | Some((NotAffected, _))) => return None,
    })
}

/// Why we are silent on what a tool reports.
fn unheard(theirs: Option<&ScannerFinding>, installed: bool, known: bool) -> String {
    let names_a_cve = theirs.is_none_or(|finding| finding.vulnerability.is_some());
    match (names_a_cve, known, installed) {
        (false, ..) => "the tool names no CVE; its own check cannot be compared",
        (true, _, false) => "no source says what is installed on it",
        (true, false, _) => "no feed that was loaded speaks of it",
        (true, true, true) => "no record of it names anything that is known to be installed",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::exposure::{Confidence, Evidence};

    fn finding(state: FindingState) -> ScannerFinding {
        ScannerFinding {
            check: Some("10863".into()),
            vulnerability: Some("CVE-2020-0001".into()),
            state,
            title: None,
            severity: None,
            first_seen: None,
            last_seen: None,
            evidence: None,
        }
    }

    fn judgement(verdict: Verdict) -> Judgement {
        Judgement {
            component: 0,
            vulnerability: "CVE-2020-0001".into(),
            verdict,
            confidence: Confidence::High,
            missing_fact: (verdict == Verdict::Possibly).then(|| "firmware version".into()),
            evidence: vec![Evidence {
                publisher: "nvd".into(),
                document: "CVE-2020-0001".into(),
                because: "2.1 is not below 2.0".into(),
            }],
            fixed_in: None,
        }
    }

    #[track_caller]
    fn check(theirs: Option<FindingState>, ours: Option<Verdict>, expected: &str) {
        let theirs = theirs.map(finding);
        let ours = ours.map(judgement);
        let said = match weigh(theirs.as_ref(), ours.as_ref()) {
            None => "nothing to list".to_owned(),
            Some((agreement, reason)) => {
                let reason = reason.unwrap_or_else(|| unheard(theirs.as_ref(), true, false));
                format!("{}: {reason}", agreement.words())
            }
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn each_difference_has_its_reason() {
        use FindingState::{Fixed, Open, Suppressed};
        use Verdict::{Affected, NotAffected, Possibly};
        let own = "CVE-2020-0001 of nvd: 2.1 is not below 2.0";
        check(Some(Open), Some(Affected), &format!("agreed: {own}"));
        check(Some(Open), Some(Possibly), "agreed: the tool is sure; we miss: firmware version");
        check(Some(Open), Some(NotAffected), &format!("theirs only: {own}"));
        check(Some(Open), None, "theirs only: no feed that was loaded speaks of it");
        check(Some(Fixed), None, "agreed: neither sees it as open");
        check(
            Some(Fixed),
            Some(Affected),
            "ours only: the tool calls it fixed; the version we know is from before",
        );
        check(
            Some(Suppressed),
            Some(Affected),
            "ours only: somebody has suppressed it in the tool; here nobody has",
        );
        check(None, Some(Affected), &format!("ours only: the tool does not report it; {own}"));
        check(None, Some(NotAffected), "nothing to list");
    }

    #[test]
    fn an_open_finding_outweighs_a_fixed_one_of_another_check() {
        let sheet = exposome_model::inventory::Sheet {
            findings: vec![finding(FindingState::Fixed), finding(FindingState::Open)],
            ..Default::default()
        };
        let claim = Claim {
            site: "main".into(),
            source: "scanner".into(),
            observed_at: jiff::Timestamp::UNIX_EPOCH,
            first_recorded_at: jiff::Timestamp::UNIX_EPOCH,
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            sheet,
        };
        let reports = reports(std::iter::once(&claim));
        assert_eq!(reports["scanner"]["CVE-2020-0001"].state, FindingState::Open);
    }
}
