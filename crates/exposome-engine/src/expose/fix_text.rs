//! The fixed version in a publisher's prose: only where the text plainly says that it is out.
//!
//! The category of a remediation proves nothing: CISA's conversions call "plans a new
//! release by the end of Q3 2020" a vendor fix.  A sentence counts if it tells people to
//! update to a version or says that a version was released, and speaks of no future.

use super::words::clean;

/// The first version that a remediation text says is out and free of the flaw.
pub fn fixed_in(text: &str) -> Option<String> {
    let text = clean(text);
    sentences(&text).into_iter().find_map(in_sentence)
}

/// The parts of a text that each speak of one release.
pub(super) fn clauses(text: &str) -> Vec<&str> {
    sentences(text).into_iter().flat_map(|sentence| sentence.split("; ")).collect()
}

fn in_sentence(sentence: &str) -> Option<String> {
    let lower = sentence.to_ascii_lowercase();
    if PROMISES.iter().any(|word| lower.contains(word)) {
        return None;
    }
    release_in(sentence)
}

/// The release that a sentence calls the cure, out or only announced.
pub(super) fn release_in(sentence: &str) -> Option<String> {
    let lower = sentence.to_ascii_lowercase();
    if NEVER.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let updates = UPDATING.iter().filter_map(|word| lower.find(word)).min();
    let onward = updates.and_then(|at| Some(at + lower.get(at..)?.find(" to ")? + " to ".len()));
    let released = RELEASED.iter().filter_map(|word| Some(lower.find(word)? + word.len())).min();
    for from in [onward, released].into_iter().flatten() {
        if let Some(version) = sentence.get(from..).and_then(first_version) {
            return Some(version);
        }
    }
    let cures = CURES.iter().filter_map(|word| lower.find(word)).min();
    if let Some(version) = cures.and_then(|at| last_version(sentence.get(..at)?)) {
        return Some(version);
    }
    listed(sentence).or_else(|| remedied_from(sentence, &lower))
}

/// "remediated ... for Brilliance iCT 4.x and above versions" (ICSMA-18-123-01).
fn remedied_from(sentence: &str, lower: &str) -> Option<String> {
    let at = lower.find("remediated ")?;
    let end = [" and above", " or above", " and higher", " or higher", " and later", " or later"]
        .iter()
        .filter_map(|word| lower.get(at..)?.find(word))
        .min()?;
    last_version(sentence.get(at..at + end)?)
}

/// Words of a future or of a wish.
const PROMISES: &[&str] = &[
    " plan",
    "planned",
    "will be",
    "will release",
    "will provide",
    "will update",
    "will remediate",
    "will mitigate",
    "will address",
    "will fix",
    "scheduled",
    "expected",
    "estimated",
    "upcoming",
    "in development",
    "working on",
    "working to",
    "by the end of",
    "as soon as",
    "future",
    "next version",
    "next release",
    "under development",
    "when available",
    "once available",
    "in the process",
    "anticipated",
    "targeted",
    "not available",
    "available q",
    "available fall",
    "available spring",
    "available summer",
    "available winter",
];

/// Words of a version that is not the cure.
const NEVER: &[&str] = &[
    "will not",
    "not issue",
    "not be issuing",
    "later than",
    "no longer",
    "end of life",
    "not be fixed",
    "no fix",
];

const UPDATING: &[&str] = &["update", "updating", "upgrade", "upgrading", "migrate", "move"];

const RELEASED: &[&str] = &[
    "released ",
    "has created ",
    "have produced ",
    "has produced ",
    "produced ",
    "created ",
    "fixed in ",
    "resolved in ",
    "mitigated in ",
    "addressed in ",
    "corrected in ",
    "patched in ",
    "available in ",
    "published ",
    "new version ",
    "new versions ",
    "expected in ",
    "remediated in ",
];

const CURES: &[&str] = &[
    " mitigates",
    " fixes",
    " resolves",
    " remediates",
    " corrects",
    " addresses",
    " is reported to fix",
    " is not vulnerable",
    " is not affected",
    " eliminates",
    " has been released",
    " was released",
    " is available",
    " is now available",
    " software release",
    " will be released",
    " will remediate",
    " will mitigate",
    " will address",
    " will fix",
];

/// "Welch Allyn Service Tool: v1.10": a list of the fixed versions (ICSMA-21-152-01).
fn listed(sentence: &str) -> Option<String> {
    let (name, rest) = sentence.split_once(": ")?;
    let short = name.split(' ').count() <= 20 && rest.split(' ').count() <= 12;
    let rest = rest.trim();
    let starts = rest.trim_start_matches("Version ").trim_start_matches("version ");
    let version = starts.split([' ', ',']).next()?;
    let sure =
        short && is_version(version, true) && is_version(version.trim_start_matches('v'), false);
    let tail: Vec<&str> = starts.split([' ', ',']).skip(1).take(4).collect();
    sure.then(|| with_qualifiers(version, &tail))
}

/// Cuts at full stops that end a sentence, not at those inside a version.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(". ") {
        if at >= start
            && !ABBREVIATIONS
                .iter()
                .any(|short| text.get(..=at).is_some_and(|front| front.ends_with(short)))
        {
            sentences.extend(text.get(start..=at));
            start = at + 2;
        }
    }
    sentences.extend(text.get(start..));
    sentences
}

const ABBREVIATIONS: &[&str] =
    &[" Inc.", " Ltd.", " v.", " ver.", " No.", "U.S.", "e.g.", "i.e.", "St."];

/// The first version that is called one, else the first that looks like one; what stands behind
/// "is available" is who may have it.
fn first_version(text: &str) -> Option<String> {
    let text = text.split(" is available ").next().unwrap_or(text);
    let all = versions(text);
    all.iter().find(|(_, named)| *named).or(all.first()).map(|(version, _)| version.clone())
}

fn last_version(text: &str) -> Option<String> {
    versions(text).pop().map(|(version, _)| version)
}

/// Every version of a text, and whether "version" stands before it.
fn versions(text: &str) -> Vec<(String, bool)> {
    let words: Vec<&str> =
        text.split([' ', '(', ')', ',', ';']).filter(|word| !word.is_empty()).collect();
    let lower = |at: usize| words.get(at).map(|word| word.to_ascii_lowercase()).unwrap_or_default();
    let mut versions = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(&lower).unwrap_or_default();
        let further = at.checked_sub(2).map(&lower).unwrap_or_default();
        let named = NAMING.contains(&before.as_str());
        let bound = [&before, &further]
            .iter()
            .any(|word| matches!(word.as_str(), "prior" | "than" | "before" | "below" | "from"));
        if is_version(word, named) && !bound && !OTHER_THINGS.contains(&before.as_str()) {
            let tail: Vec<&str> =
                words.get(at + 1..).unwrap_or_default().iter().take(4).copied().collect();
            versions.push((with_qualifiers(word, &tail), named));
        }
    }
    versions
}

const NAMING: &[&str] =
    &["version", "versions", "release", "firmware", "software", "revision", "patch"];

/// Their versions are not the product's.
const OTHER_THINGS: &[&str] = &[
    "tls", "ssl", "windows", "section", "java", ".net", "smb", "iis", "appendix", "table", "page",
];

/// `5.5 SP3`, `1.8.4 Service Pack 01`, `V17 Update 1`, `3.40 R6 build 612850`.
fn with_qualifiers(word: &str, tail: &[&str]) -> String {
    let mut version = plain(word);
    let mut wants_number = false;
    if word.ends_with(['.', ':']) {
        return version;
    }
    for next in tail {
        let lower = next.trim_end_matches('.').to_ascii_lowercase();
        let stem = lower.trim_end_matches(|found: char| found.is_ascii_digit());
        let number = lower.chars().all(|found| found.is_ascii_digit());
        let known = matches!(
            stem,
            "sp" | "service"
                | "pack"
                | "update"
                | "upd"
                | "build"
                | "hf"
                | "hotfix"
                | "cu"
                | "gma"
                | "mr"
                | "sr"
        ) || (stem == "r" && lower.len() > 1);
        if !(known || (wants_number && number)) {
            break;
        }
        version.push(' ');
        version.push_str(next.trim_end_matches('.'));
        wants_number = known && stem.len() == lower.len();
    }
    if wants_number { plain(word) } else { version }
}

/// `12.2.1.5`, `v1.10`, `VM6.0`; after "version" also `C`, `3`, `D16`; not a date, a CVE or a telephone number.
fn is_version(word: &str, named: bool) -> bool {
    let bare = plain(word);
    let digits = bare.chars().any(|found| found.is_ascii_digit());
    let plain_characters =
        bare.chars().all(|found| found.is_ascii_alphanumeric() || matches!(found, '.' | '_' | '-'));
    let upper = bare.to_ascii_uppercase();
    let other = ["CVE-", "CWE-", "HTTP", "WWW"].iter().any(|front| upper.starts_with(front))
        || [".JSON", ".COM", ".PDF", ".HTML", ".EXE", ".ZIP", ".NET"]
            .iter()
            .any(|end| upper.ends_with(end));
    let dotted = bare.contains('.') && bare.split('.').all(|part| !part.is_empty());
    let marked = bare.len() < word.trim_end_matches(['.', ':', '*']).len();
    let year = bare.len() == 4 && (bare.starts_with("19") || bare.starts_with("20")) && !dotted;
    digits
        && plain_characters
        && !other
        && !year
        && (dotted || marked || (named && bare.len() <= 12))
}

fn plain(word: &str) -> String {
    let word = word.trim_end_matches(['.', ':', '*', '"']).trim_start_matches('"');
    match word.strip_prefix(['v', 'V']) {
        Some(rest) if rest.starts_with(|found: char| found.is_ascii_digit()) => rest.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(fixed_in(text).unwrap_or_else(|| "none".to_owned()), expected, "{text}");
    }

    #[test]
    fn a_version_that_people_are_told_to_install_is_the_fix() {
        // ICSMA-22-174-01, ICSMA-20-184-01, ICSMA-21-161-01, ICSMA-23-285-02, ICSMA-24-163-01, ICSMA-23-180-01
        check(
            "OFFIS recommends all users update to Version 3.6.7 or later. For more information see Bug #1021",
            "3.6.7",
        );
        check("recommend users upgrade to Version 5.170.5 or later.", "5.170.5");
        check(
            "upgrading to the latest version of Defibrillator Dashboard Version 2.2 or later.",
            "2.2",
        );
        check(
            "Santesoft has released an updated version of their product and recommends updating Sante FFT Imaging to v1.4.1",
            "1.4.1",
        );
        check("MicroDicom recommends users upgrade to DICOM Viewer version 2024.2.", "2024.2");
        check(
            "Medtronic recommends updating the Paceart Optima system to v1.12. Contact Medtronic to schedule the update.",
            "1.12",
        );
        check("MicroDicom has provided a fix and recommends users upgrade to 2024.1.", "2024.1");
    }

    #[test]
    fn a_version_that_was_released_is_the_fix() {
        // ICSMA-21-187-01, ICSMA-20-177-01, ICSMA-18-144-01, ICSMA-21-007-01, ICSMA-21-215-01, ICSMA-18-128-01
        check(
            "Philips released Version 12.2.1.5 in June of 2020 for MyVue that remediates CWE-693.",
            "12.2.1.5",
        );
        check("Philips released Ultrasound EPIQ/Affiniti Version VM6.0 in April 2020", "VM6.0");
        check("Software Version 1.7.15b mitigates reported vulnerabilities.", "1.7.15b");
        check(
            "Version 7.2.5.7 is reported to fix all vulnerabilities above except CVE-2021-37160.",
            "7.2.5.7",
        );
        check(
            "have produced an updated firmware image (Version 1.14) for the GEH-SD-320AN, which is now available",
            "1.14",
        );
        check("this has been mitigated in ISCV 3.1.", "3.1");
        check("For ISCV Version 2.x or prior, this has been mitigated in Version 3.1.", "3.1");
    }

    #[test]
    fn a_list_of_fixed_versions_counts() {
        check("Welch Allyn Service Tool: v1.10", "1.10"); // ICSMA-21-152-01
        check(
            "Welch Allyn Connex Central Station (CS): v1.8.4 Service Pack 01 (released November 2022)",
            "1.8.4 Service Pack 01",
        );
        check("Tracer SC: Upgrade to v4.4 SP7 or later", "4.4 SP7"); // ICSA-21-266-02
    }

    #[test]
    fn a_promise_is_no_fix() {
        // ICSMA-20-023-01 and others
        check(
            "Philips plans a new release to remediate this vulnerability by the end of Q3 2020.",
            "none",
        );
        check(
            "The fix is expected in an upcoming BD Viper LT system Version 4.80 software release.",
            "none",
        );
        check(
            "BD Synapsys v4.20 SR2 will be released in June 2022 and will remediate this vulnerability.",
            "none",
        );
        check("Welch Allyn Product Configuration Tool versions 1.9.4.2: Available Q3 2024", "none");
        check(
            "this will be mitigated in ISCV Version 3.2, scheduled to be released in October 2018.",
            "none",
        );
        check("update to a version later than T1 Ventilator Version 2.2.3 where possible.", "none");
        check(
            "BD recommends users upgrade Alaris System software when BD releases its next version of software",
            "none",
        );
    }

    #[test]
    fn numbers_that_are_no_versions_are_left_alone() {
        check("Users should contact Medtronic at 1-800-722-9377 to update.", "none");
        check("GE has produced product updates that are available upon request", "none");
        check(
            "An app update is available as of February 23, 2023 that will fix the vulnerability.",
            "none",
        );
        check("upgrade to PrisMaxv3 with DCM, which supports TLS 1.2.", "none"); // ICSMA-20-170-02
        check(
            "For versions prior to 3.2, fixes are now available in the form of a hotfix patch.",
            "none",
        );
        check("Please see the security bulletin released 2020 for CVE-2020-6961.", "none");
    }

    #[test]
    fn a_release_that_is_only_announced_is_told_apart() {
        let announced =
            "BD Synapsys v4.20 SR2 will be released in June 2022 and will remediate it.";
        check(announced, "none"); // ICSMA-22-151-02
        assert_eq!(release_in(announced).as_deref(), Some("4.20 SR2"));
        let partly = "Philips has also remediated hard-coded credential vulnerabilities for Brilliance iCT 4.x and above versions.";
        assert_eq!(release_in(partly).as_deref(), Some("4.x")); // ICSMA-18-123-01
        assert_eq!(release_in("update to a version later than Version 2.2.3"), None);
    }
}
