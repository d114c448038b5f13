//! From claims to judgements: each component of a bill against all that is said of it.

use super::bill::Bill;
use super::catalogue::Catalogue;
use super::held::{Held, Why};
use super::interned::Words;
use super::rows::{Holding, Means, Side};
use super::subject::Subject;
use super::weigh::{Outcome, Said, weigh};
use exposome_model::exposure::{Evidence, Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::Status;
use exposome_model::version::{self, Scheme};
use std::borrow::Cow;
use std::cmp::Ordering;

impl Catalogue {
    /// Judges every component of one asset's bill on every vulnerability that is said of its product.
    ///
    /// One judgement for each pair, in the order of the components, then of the catalogue.
    pub fn judge(&self, components: &[Component]) -> Vec<Judgement> {
        let subjects: Vec<Subject> =
            components.iter().map(|component| Subject::read(component, self)).collect();
        let bill = Bill::whole(components, &subjects);
        let mut judgements = Vec::new();
        for (place, (subject, component)) in (0..).zip(subjects.iter().zip(components)) {
            Held::new(self, subject, component, &bill, true).judgements(place, &mut judgements);
        }
        judgements
    }
}

/// What one claim says of one vulnerability, and why.
type Reasoned = (u32, Said, String);

impl Held<'_> {
    fn judgements(&self, place: u32, judgements: &mut Vec<Judgement>) {
        let mut candidates = Vec::new();
        self.candidates(&mut candidates);
        let mut said: Vec<Reasoned> = Vec::new();
        for (number, hit) in candidates {
            let Some(claim) = self.catalogue.claims.get(number as usize) else { continue };
            let mut why = Why::wanted(true);
            if let Some(one) = self.say(number, claim, hit, &mut why) {
                said.push((claim.vulnerability, one, why.text));
            }
        }
        said.sort_by_key(|(vulnerability, one, _)| (*vulnerability, one.standing, one.claim));
        for group in said.chunk_by(|(a, ..), (b, ..)| a == b) {
            judgements.extend(self.judgement(place, group));
        }
    }

    fn judgement(&self, place: u32, group: &[Reasoned]) -> Option<Judgement> {
        let (vulnerability, ..) = group.first()?;
        let mut weighing: Vec<Said> = group.iter().map(|(_, one, _)| one.clone()).collect();
        let weighed = weigh(&mut weighing)?;
        // Both are in the order of standing and claim; what weighing silenced is no evidence.
        let reasons = group.iter().map(|(.., because)| because.clone());
        let group: Vec<Reasoned> = weighing
            .into_iter()
            .zip(reasons)
            .map(|(one, because)| (*vulnerability, one, because))
            .collect();
        Some(Judgement {
            component: place,
            vulnerability: self.catalogue.vulnerability(*vulnerability).to_owned(),
            verdict: weighed.verdict,
            confidence: weighed.confidence,
            missing_fact: weighed.missing_fact.map(Cow::into_owned),
            evidence: self.evidence(&group, weighed.verdict),
            fixed_in: if weighed.verdict == Verdict::NotAffected {
                None
            } else {
                self.fixed_in(&group)
            },
        })
    }

    /// What was said, that which carries the verdict first.
    fn evidence(&self, group: &[Reasoned], verdict: Verdict) -> Vec<Evidence> {
        let mut spoken: Vec<&Reasoned> =
            group.iter().filter(|(_, one, _)| one.outcome != Outcome::Silent).collect();
        spoken.sort_by_key(|(_, one, _)| one.outcome.verdict() != Some(verdict));
        let mut evidence: Vec<Evidence> = Vec::new();
        for (_, one, because) in spoken {
            let claim = self.catalogue.claims.get(one.claim as usize);
            let document =
                claim.and_then(|claim| self.catalogue.documents.get(claim.document as usize));
            let Some(document) = document else { continue };
            let one = Evidence {
                publisher: self.catalogue.words.get(document.publisher).to_owned(),
                document: self.catalogue.id_of(document).to_owned(),
                because: format!("{}: {because}", one.outcome.in_words()),
            };
            if evidence.len() < MOST_EVIDENCE && !evidence.contains(&one) {
                evidence.push(one);
            }
        }
        evidence
    }

    /// The end of the range the component is in, or what a remedy says.
    fn fixed_in(&self, group: &[Reasoned]) -> Option<String> {
        let words = &self.catalogue.words;
        for (_, one, _) in group {
            if !matches!(one.outcome, Outcome::Affected | Outcome::Open(_)) {
                continue;
            }
            let claim = self.catalogue.claims.get(one.claim as usize)?;
            for row in self.catalogue.rows.get(claim.rows) {
                match row.means {
                    Means::Bounds { to, closed, .. } if !closed.to => {
                        let end = self.catalogue.rows.end_of(to).filter(|end| !end.ends_with('*'));
                        let inside = row.status == Status::Affected
                            && self.holds(*row) != Holding::No(Side::Above);
                        if let Some(end) = end.filter(|_| inside) {
                            return Some(end.to_owned());
                        }
                    }
                    Means::Exact(_, version) if row.status == Status::Fixed => {
                        return self.catalogue.rows.end_of(version).map(str::to_owned);
                    }
                    _ => {}
                }
            }
        }
        group.iter().find_map(|(_, one, _)| {
            let claim = self.catalogue.claims.get(one.claim as usize)?;
            let document = self.catalogue.documents.get(claim.document as usize)?;
            let fixed = (document.fixed != Words::NONE).then(|| words.get(document.fixed))?;
            self.could_become(fixed).then(|| fixed.to_owned())
        })
    }

    /// Prose names the fixed version of the maker's own product; of the Windows below it, it is none.
    fn could_become(&self, fixed: &str) -> bool {
        if self.subject.kind == ComponentKind::System {
            return false;
        }
        let own = self.subject.version.as_ref();
        own.is_none_or(|own| {
            version::compare(Scheme::Generic, &own.text, fixed) == Some(Ordering::Less)
        })
    }
}

/// A judgement lists no more documents than a person would read.
const MOST_EVIDENCE: usize = 12;

impl Outcome {
    /// The verdict that it would carry alone.
    fn verdict(&self) -> Option<Verdict> {
        match self {
            Outcome::Affected => Some(Verdict::Affected),
            Outcome::Open(_) | Outcome::Hinges(_) | Outcome::Unreadable(_) => {
                Some(Verdict::Possibly)
            }
            Outcome::NotAffected | Outcome::NotListed => Some(Verdict::NotAffected),
            Outcome::Silent => None,
        }
    }

    fn in_words(&self) -> &'static str {
        match self {
            Outcome::Affected => "affected",
            Outcome::Open(_) => "open",
            Outcome::Hinges(_) => "on a condition",
            Outcome::Unreadable(_) => "not readable",
            Outcome::NotAffected => "not affected",
            Outcome::NotListed => "other versions listed",
            Outcome::Silent => "silent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::*;
    use exposome_model::knowledge::{Advisory, Node, Product, Status, Versions};

    /// NVD's configuration of CVE-2020-6961 (GE Carescape telemetry server), shortened.
    fn firmware_and_hardware() -> Vec<Advisory> {
        let firmware = any(&[
            "o:gehealthcare:apexpro_telemetry_server_firmware:* ..=4.2",
            "o:gehealthcare:carescape_telemetry_server_firmware:* ..=4.2",
        ]);
        let hardware = any(&[
            "~h:gehealthcare:apexpro_telemetry_server:-",
            "~h:gehealthcare:carescape_telemetry_server:-",
        ]);
        vec![advisory(
            "nvd",
            "CVE-2020-6961",
            vec![configuration(Node::All(vec![firmware, hardware]))],
        )]
    }

    #[test]
    fn a_device_is_firmware_and_hardware_in_one() {
        let device = "device GE Healthcare | ApexPro Telemetry Server | 4.1";
        check(&firmware_and_hardware(), &[device], &["0 CVE-2020-6961 affected"]);
        let device = "device GE Healthcare | ApexPro Telemetry Server | 4.3";
        check(&firmware_and_hardware(), &[device], &["0 CVE-2020-6961 not affected"]);
    }

    #[test]
    fn a_device_of_unknown_firmware_is_possibly_affected() {
        let device = "device GE Healthcare | ApexPro Telemetry Server";
        check(&firmware_and_hardware(), &[device], &["0 CVE-2020-6961 possibly: firmware version"]);
    }

    #[test]
    fn another_device_of_the_same_maker_is_not_meant() {
        check(&firmware_and_hardware(), &["device GE Healthcare | Carescape B450 | 2.0"], &[]);
    }

    /// Shape of CVE-2010-1761 and many others: a program, and the systems it runs on.
    fn program_on_windows() -> Vec<Advisory> {
        let program = any(&["a:example:viewer:* ..3.0"]);
        let system = any(&["~o:microsoft:windows:-"]);
        vec![advisory("nvd", "CVE-2024-1", vec![configuration(Node::All(vec![program, system]))])]
    }

    #[test]
    fn what_it_runs_on_must_be_on_the_asset() {
        let viewer = "application Example | Viewer | 2.9";
        let check_on = |system: &[&str], expected: &str| {
            let bill: Vec<&str> = [viewer].into_iter().chain(system.iter().copied()).collect();
            check(&program_on_windows(), &bill, &[expected]);
        };
        check_on(
            &["system Microsoft | Windows 10 Enterprise 1607"],
            "0 CVE-2024-1 affected, fixed in 3.0",
        );
        check_on(&["system Canonical | Ubuntu 22.04"], "0 CVE-2024-1 not affected");
        check_on(&[], "0 CVE-2024-1 possibly: operating system, fixed in 3.0");
    }

    #[test]
    fn windows_releases_are_told_apart() {
        let windows = [
            "o:microsoft:windows_10:1607",
            "o:microsoft:windows_10:1703",
            "o:microsoft:windows_server_2012:r2",
        ];
        let old = [advisory("nvd", "CVE-2018-1", vec![configuration(any(&windows))])];
        check(&old, &["system Microsoft | Windows 10 Enterprise 1607"], &["0 CVE-2018-1 affected"]);
        check(
            &old,
            &["system | Microsoft Windows 10 Pro | 10.0.17134"],
            &["0 CVE-2018-1 not affected"],
        );
        check(
            &old,
            &["system Microsoft | Windows 10"],
            &["0 CVE-2018-1 possibly: Windows release"],
        );
        check(&old, &["system Microsoft | Windows Server 2012"], &["0 CVE-2018-1 not affected"]);
        check(&old, &["application Microsoft | Internet Explorer | 11"], &[]);
    }

    #[test]
    fn windows_builds_say_whether_it_is_patched() {
        // Shape of the CVE records that Microsoft assigns, with "x64-based Systems" as platform.
        let mut windows = product("Microsoft", "Windows 10 Version 22H2");
        windows.platforms = vec!["x64-based Systems".to_owned(), "ARM64-based Systems".to_owned()];
        let rows =
            vec![row(scheme_range("10.0.0..10.0.19045.4412", Some("custom")), Status::Affected)];
        let record = [advisory(
            "cve:microsoft",
            "CVE-2024-30034",
            vec![says(windows, Status::Unknown, rows)],
        )];
        let with = |version: &str, expected: &str| {
            check(
                &record,
                &[&format!("system Microsoft | Windows 10 Pro 22H2 | {version}")],
                &[expected],
            );
        };
        with("10.0.19045.4291", "0 CVE-2024-30034 affected, fixed in 10.0.19045.4412");
        with("10.0.19045.4412", "0 CVE-2024-30034 not affected");
        with(
            "10.0.19045",
            "0 CVE-2024-30034 possibly: the build's revision (the last number), fixed in 10.0.19045.4412",
        );
    }

    #[test]
    fn names_of_a_cmdb_find_the_product_and_no_other() {
        let tomcat = advisory(
            "cve:apache",
            "CVE-2024-50379",
            vec![says(
                product("Apache Software Foundation", "Apache Tomcat"),
                Status::NotAffected,
                vec![row(scheme_range("9.0.0.M1..=9.0.97", Some("semver")), Status::Affected)],
            )],
        );
        let openssl = advisory(
            "nvd",
            "CVE-2023-1",
            vec![configuration(any(&["a:openssl:openssl:* 1.0.2..1.0.2zh"]))],
        );
        let studio = "a:microsoft:sql_server_management_studio:* ..18.0";
        let studio = advisory("nvd", "CVE-2023-2", vec![configuration(any(&[studio]))]);
        let all = [tomcat, openssl, studio];
        check(&all, &["application | Apache Tomcat 9.0.50"], &["0 CVE-2024-50379 affected"]);
        check(&all, &["application Apache | Tomcat | 9.0.98"], &["0 CVE-2024-50379 not affected"]);
        check(&all, &["application Apache | Tomcat Native | 1.2"], &[]);
        check(
            &all,
            &["application | OpenSSL | 1.0.2zg"],
            &["0 CVE-2023-1 affected, fixed in 1.0.2zh"],
        );
        check(&all, &["application Microsoft | SQL Server 2019 | 15.0.2000.5"], &[]);
        let studio = "application Microsoft | Microsoft SQL Server Management Studio | 17.9";
        check(&all, &[studio], &["0 CVE-2023-2 affected, fixed in 18.0"]);
    }

    #[test]
    fn n_a_is_no_information_and_matches_nothing_by_itself() {
        let nobody = says(
            product("n/a", "n/a"),
            Status::Unknown,
            vec![row(Versions::Exact("n/a".to_owned()), Status::Affected)],
        );
        let some = says(
            product("Example", "Viewer"),
            Status::Unknown,
            vec![row(Versions::Exact("n/a".to_owned()), Status::Affected)],
        );
        let record = [advisory("cve:mitre", "CVE-2019-1", vec![nobody, some])];
        check(
            &record,
            &["application Example | Viewer | 1.0", "application n/a | n/a | n/a"],
            &["0 CVE-2019-1 possibly: the affected versions: the document names none"],
        );
    }

    #[test]
    fn a_rejected_record_exposes_nothing() {
        let mut record =
            advisory("nvd", "CVE-2024-9", vec![configuration(any(&["a:example:viewer:*"]))]);
        check(
            &[record.clone()],
            &["application Example | Viewer | 1.0"],
            &["0 CVE-2024-9 affected"],
        );
        record.state = exposome_model::knowledge::AdvisoryState::Withdrawn;
        check(&[record], &["application Example | Viewer | 1.0"], &[]);
    }

    #[test]
    fn the_assigner_knows_better_than_the_enrichment() {
        let assigner = says(
            product("Example", "Viewer"),
            Status::NotAffected,
            vec![row(range("..2.0"), Status::Affected)],
        );
        let both = [
            advisory("cve:example", "CVE-2024-2", vec![assigner]),
            advisory("nvd", "CVE-2024-2", vec![configuration(any(&["a:example:viewer:* ..=2.5"]))]),
        ];
        check(&both, &["application Example | Viewer | 2.2"], &["0 CVE-2024-2 not affected"]);
        check(
            &both,
            &["application Example | Viewer | 1.9"],
            &["0 CVE-2024-2 affected, fixed in 2.0"],
        );
    }

    #[test]
    fn the_hospitals_own_word_comes_first_and_holds_only_in_its_scope() {
        let own = says(
            product("Example", "Viewer"),
            Status::Unknown,
            vec![row(Versions::Exact("1.0".to_owned()), Status::NotAffected)],
        );
        let all = [
            advisory("hospital:st-marys", "CVE-2024-3", vec![own]),
            advisory("nvd", "CVE-2024-3", vec![configuration(any(&["a:example:viewer:*"]))]),
        ];
        check(&all, &["application Example | Viewer | 1.0"], &["0 CVE-2024-3 not affected"]);
        check(&all, &["application Example | Viewer | 1.1"], &["0 CVE-2024-3 affected"]);
    }

    #[test]
    fn linux_lists_what_is_not_affected_branch_by_branch() {
        // CVE-2022-48820, CNA container: the rows that count versions.
        let rows = vec![
            row(Versions::Exact("5.12".to_owned()), Status::Affected),
            row(scheme_range("0..5.12", Some("custom")), Status::NotAffected),
            row(scheme_range("5.15.24..=5.15.*", Some("custom")), Status::NotAffected),
            row(scheme_range("5.16.10..=5.16.*", Some("custom")), Status::NotAffected),
            row(scheme_range("5.17..=*", Some("original_commit_for_fix")), Status::NotAffected),
        ];
        let record = [advisory(
            "cve:Linux",
            "CVE-2022-48820",
            vec![says(product("Linux", "Linux"), Status::Affected, rows)],
        )];
        check(&record, &["system Linux | Linux kernel | 5.15.20"], &["0 CVE-2022-48820 affected"]);
        check(&record, &["system Linux | Linux | 5.15.24"], &["0 CVE-2022-48820 not affected"]);
    }

    fn red_hat(
        name: &str,
        purl: &str,
        on: &str,
        status: Status,
    ) -> exposome_model::knowledge::Statement {
        let system =
            Product { cpes: vec![on.to_owned()], ..product("Red Hat", "Red Hat Enterprise Linux") };
        let package = Product {
            purl: Some(purl.to_owned()),
            on: Some(Box::new(system)),
            ..product("Red Hat", name)
        };
        says(package, Status::Unknown, vec![row(Versions::Any, status)])
    }

    #[test]
    fn a_backported_fix_is_not_reported() {
        // RHSA-2024:3666: tomcat-1:9.0.87-1.el8_10.1 for Enterprise Linux 8.
        let purl = "pkg:rpm/redhat/tomcat@9.0.87-1.el8_10.1?arch=noarch&epoch=1";
        let on = "cpe:/a:redhat:enterprise_linux:8::appstream";
        let all = [
            advisory(
                "csaf:Red Hat Product Security",
                "CVE-2024-23672",
                vec![red_hat("tomcat", purl, on, Status::Fixed)],
            ),
            advisory(
                "nvd",
                "CVE-2024-23672",
                vec![configuration(any(&["a:apache:tomcat:* 9.0.0..9.0.90"]))],
            ),
        ];
        let with = |package: &str, expected: &[&str]| check(&all, &[package], expected);
        with(
            "package | pkg:rpm/redhat/tomcat@9.0.87-1.el8_10.1?epoch=1",
            &["0 CVE-2024-23672 not affected"],
        );
        with(
            "package | pkg:rpm/redhat/tomcat@9.0.62-27.el8_9?epoch=1",
            &["0 CVE-2024-23672 affected, fixed in 1:9.0.87-1.el8_10.1"],
        );
        with(
            "package | pkg:rpm/redhat/tomcat@9.0.87-1.el8_10.1",
            &["0 CVE-2024-23672 not affected"],
        );
    }

    #[test]
    fn a_package_of_another_stream_waits_for_its_own_statement() {
        let on = "cpe:/o:redhat:enterprise_linux:8";
        let purl = "pkg:rpm/redhat/openssl@1.1.1k-12.el8_9?epoch=1";
        let all = [
            advisory(
                "csaf:Red Hat Product Security",
                "CVE-2023-3446",
                vec![red_hat("openssl", purl, on, Status::Fixed)],
            ),
            advisory(
                "nvd",
                "CVE-2023-3446",
                vec![configuration(any(&["a:openssl:openssl:* 3.0.0..3.0.10"]))],
            ),
        ];
        check(
            &all,
            &["package | pkg:rpm/redhat/openssl@3.0.7-16.el9?epoch=1"],
            &["0 CVE-2023-3446 possibly: redhat's statement on CVE-2023-3446, fixed in 3.0.10"],
        );
        check(
            &all,
            &["package | pkg:deb/debian/openssl@3.0.11-1~deb12u2"],
            &["0 CVE-2023-3446 not affected"],
        );
    }
}
