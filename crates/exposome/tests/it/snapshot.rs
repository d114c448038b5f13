//! A snapshot is only a cache: with it, without it, and with a broken one, every answer is the same.

use crate::command::{Said, run};
use std::fs;
use std::path::{Path, PathBuf};

const AS_OF: &str = "2026-08-10T08:00:00Z";

/// A data folder with the demo's hospital and feeds, and no snapshot yet.
fn hospital() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", folder.path().to_str().unwrap()]).ok();
    assert!(cached(folder.path()).is_empty());
    folder
}

fn ask_at(folder: &Path, as_of: &str, arguments: &[&str]) -> Said {
    let fixed = ["--data", folder.to_str().unwrap(), "--as-of", as_of];
    let said = run(fixed.iter().chain(arguments));
    assert_eq!(said.code, Some(0), "{}", said.beside);
    said
}

/// The whole worklist and some explanations, as they are printed.
fn answers_at(folder: &Path, as_of: &str) -> String {
    let worklist = ask_at(folder, as_of, &["worklist", "--json", "--limit", "0"]);
    let mut answers = worklist.out.clone();
    answers.push_str(&ask_at(folder, as_of, &["worklist", "--limit", "7"]).out);
    for job in worklist.json().iter().step_by(9) {
        let (asset, cause) = (&job["asset_ids"][0], &job["vulnerabilities"][0]);
        let (asset, cause) = (asset.as_str().unwrap(), cause.as_str().unwrap());
        answers.push_str(&ask_at(folder, as_of, &["explain", asset, cause]).out);
        answers.push_str(&ask_at(folder, as_of, &["explain", &asset.to_lowercase(), "--json"]).out);
    }
    answers
}

fn answers(folder: &Path) -> String {
    answers_at(folder, AS_OF)
}

/// The files of the cache.
fn cached(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("cache")) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn forget(folder: &Path) {
    fs::remove_dir_all(folder.join("cache")).unwrap();
}

/// What is answered now, with whatever lies there, is what is answered with nothing there.
#[track_caller]
fn check_current(folder: &Path, as_of: &str) -> String {
    let with = answers_at(folder, as_of);
    forget(folder);
    assert_eq!(with, answers_at(folder, as_of));
    with
}

#[test]
fn deleting_it_changes_nothing_but_time() {
    let folder = hospital();
    let first = answers(folder.path());
    assert_eq!(cached(folder.path()).len(), 2, "it is kept for the next time");
    assert!(first.len() > 10_000, "there is something to compare");
    let said = ask_at(folder.path(), AS_OF, &["worklist"]);
    assert_eq!(said.beside.lines().filter(|line| line.contains("anew")).count(), 0);
    assert_eq!(answers(folder.path()), first);
    check_current(folder.path(), AS_OF);
}

#[test]
fn whatever_is_recorded_is_seen_at_once() {
    let folder = hospital();
    let data = folder.path();
    let as_of = "2100-01-01T00:00:00Z";
    let mut last = answers_at(data, as_of);
    let mut must_change = |arguments: &[&str], what: &str| {
        let said = run(["--data", data.to_str().unwrap()].iter().chain(arguments));
        assert_eq!(said.code, Some(0), "{}", said.beside);
        let now = check_current(data, as_of);
        assert_ne!(now, last, "{what}");
        last = now;
    };
    let file = data.join("pump.csv");
    fs::write(&file, "asset_id,manufacturer,model,firmware_version,device_class\nNEW1,Philips,IntelliVue MX400,M.00.03,Patient monitor\n").unwrap();
    must_change(&["import", file.to_str().unwrap(), "--source", "new"], "an import");
    fs::write(&file, "asset_id,manufacturer,model,firmware_version,device_class\nNEW1,Baxter,Sigma Spectrum,8.00.01,Infusion pump\n").unwrap();
    must_change(&["import", file.to_str().unwrap(), "--source", "new"], "another word of a source");
    let feed = data.join("record.json");
    fs::write(&feed, RECORD).unwrap();
    must_change(&["feeds", "load", feed.to_str().unwrap()], "a feed");
    let scores = data.join("epss_scores-2026-08-09.csv");
    let mut rows =
        "#model_version:v2026.06.15,score_date:2026-08-09T00:00:00+0000\ncve,epss,percentile\n"
            .to_owned();
    let old = fs::read_to_string(data.join("feeds/epss_scores-2026-08-08.csv")).unwrap();
    for line in old.lines().filter(|line| line.starts_with("CVE-")) {
        let id = line.split(',').next().unwrap();
        rows.extend([id, ",0.77777,0.99999\n"]);
    }
    fs::write(&scores, rows).unwrap();
    must_change(&["feeds", "load", scores.to_str().unwrap()], "a day of scores");
}

/// A record of a product that the demo's hospital has.
pub(crate) const RECORD: &str = r#"{"dataType":"CVE_RECORD","dataVersion":"5.1",
 "cveMetadata":{"cveId":"CVE-2026-99001","state":"PUBLISHED","assignerShortName":"example","datePublished":"2026-08-09T00:00:00Z","dateUpdated":"2026-08-09T00:00:00Z"},
 "containers":{"cna":{"providerMetadata":{"orgId":"00000000-0000-4000-8000-000000000000","shortName":"example"},
  "affected":[{"vendor":"Baxter","product":"Sigma Spectrum","defaultStatus":"unaffected","versions":[{"version":"0","lessThan":"9.0","status":"affected","versionType":"custom"}]}],
  "descriptions":[{"lang":"en","value":"made up"}],
  "metrics":[{"cvssV3_1":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL"}}]}}}"#;

#[test]
fn a_look_back_answers_word_for_word_whatever_came_since() {
    let folder = hospital();
    let at = |as_of: &str| {
        let [answer] =
            <[_; 1]>::try_from(ask_at(folder.path(), as_of, &["assess", "--json"]).json()).unwrap();
        answer
    };
    let later = "2100-01-01T00:00:00Z";
    let (then, now) = (at(AS_OF), at(later));
    assert!(then["act_now"].as_u64() > Some(100), "{then}");
    let file = folder.path().join("record.json");
    fs::write(&file, RECORD).unwrap();
    ask_at(folder.path(), later, &["feeds", "load", file.to_str().unwrap()]);
    assert_eq!(at(AS_OF), then, "what was loaded since changes no answer of then");
    let since = at(later);
    assert!(since["answers"] != now["answers"] && since["rules"] == now["rules"], "{since} {now}");
    let decide = ["decide", "verdict", "CVE-2019-0708", "not_affected", "--everywhere"];
    let by = ["--by", "A. Weber", "--role", "analyst", "--reason", "not used"];
    run(["--data", folder.path().to_str().unwrap()].iter().chain(&decide).chain(&by)).ok();
    assert_eq!(at(AS_OF), then, "nor does what was decided since");
    let nothing =
        run(["--data", folder.path().to_str().unwrap(), "--as-of", "2020-01-01", "assess"]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.beside.contains("nothing was known"), "{}", nothing.beside);
}

#[test]
fn a_day_of_scores_repeats_the_deciding_only() {
    let folder = hospital();
    answers(folder.path());
    let files = cached(folder.path());
    let times = |file: &PathBuf| fs::metadata(file).unwrap().modified().unwrap();
    let before: Vec<_> = files.iter().map(times).collect();
    // Two months on the scores are too old to be believed, and nothing else has changed but the day.
    fs::remove_file(&files[0]).unwrap();
    let again = answers(folder.path());
    assert_eq!(times(&files[1]), before[1], "what was examined stays");
    assert_eq!(cached(folder.path()).len(), 2);
    assert_eq!(check_current(folder.path(), AS_OF), again);
}

#[test]
fn another_moment_is_another_answer() {
    let folder = hospital();
    let now = answers(folder.path());
    let later = check_current(folder.path(), "2027-03-01T00:00:00Z");
    assert_ne!(now, later, "the feeds are stale by then");
    assert_eq!(now, check_current(folder.path(), AS_OF));
}

#[test]
fn a_look_at_the_past_does_not_take_the_place_of_the_present() {
    let folder = hospital();
    answers(folder.path());
    let file = folder.path().join("pump.csv");
    fs::write(&file, "asset_id,manufacturer,model\nNEW1,Baxter,Sigma Spectrum\n").unwrap();
    run(["--data", folder.path().to_str().unwrap(), "import", file.to_str().unwrap()]).ok();
    let now = "2100-01-01T00:00:00Z";
    answers_at(folder.path(), now);
    let kept: Vec<_> = cached(folder.path()).iter().map(|it| fs::read(it).unwrap()).collect();
    let past = answers(folder.path());
    assert!(!past.contains("NEW1"));
    let after: Vec<_> = cached(folder.path()).iter().map(|it| fs::read(it).unwrap()).collect();
    assert!(kept == after);
    assert!(ask_at(folder.path(), now, &["explain", "NEW1"]).out.contains("NEW1"));
}

#[test]
fn a_broken_one_is_made_anew_and_said_so() {
    let folder = hospital();
    let whole = answers(folder.path());
    let files = cached(folder.path());
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let broken = |at: usize| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xff;
            bytes
        };
        let middle = bytes.len() / 2;
        let cases = [
            broken(3),
            broken(60),
            broken(80),
            broken(middle),
            bytes[..middle].to_vec(),
            Vec::new(),
        ];
        for case in cases {
            fs::write(file, case).unwrap();
            let said = ask_at(folder.path(), AS_OF, &["worklist", "--json", "--limit", "0"]);
            assert!(whole.starts_with(&said.out), "the answer is that of a whole one");
            assert!(said.beside.contains("anew") || fs::read(file).unwrap() != bytes);
            assert_eq!(answers(folder.path()), whole);
            fs::write(file, &bytes).unwrap();
        }
    }
}

#[test]
fn where_it_cannot_be_kept_the_answer_is_given_all_the_same() {
    let folder = hospital();
    fs::write(folder.path().join("cache"), "a file where the folder would be").unwrap();
    let said = ask_at(folder.path(), AS_OF, &["worklist", "--json", "--limit", "0"]);
    assert!(said.beside.contains("not kept"), "{}", said.beside);
    fs::remove_file(folder.path().join("cache")).unwrap();
    assert_eq!(ask_at(folder.path(), AS_OF, &["worklist", "--json", "--limit", "0"]).out, said.out);
}

#[test]
fn sites_do_not_see_each_others() {
    let folder = hospital();
    let main = answers(folder.path());
    let file = folder.path().join("pump.csv");
    fs::write(
        &file,
        "asset_id,manufacturer,model,device_class\nOTHER1,Baxter,Sigma Spectrum,Infusion pump\n",
    )
    .unwrap();
    let data = folder.path().to_str().unwrap();
    run(["--data", data, "import", file.to_str().unwrap(), "--site", "../other"]).ok();
    let other = ask_at(folder.path(), "2100-01-01", &["worklist", "--site", "../other", "--json"]);
    assert!(other.out.contains("OTHER1") && !main.contains("OTHER1"));
    assert_eq!(cached(folder.path()).len(), 4);
    assert_eq!(answers(folder.path()), main);
}
