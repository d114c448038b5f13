//! A copy is made, looked through, put in place, and is the same; one that was changed, or is for others, is not taken.

use crate::command::run;
use std::fs;
use std::path::Path;

const AS_OF: &str = "2026-08-10T08:00:00Z";

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a data folder comes to at a moment: a digest of every answer.
fn assessed(data: &Path) -> String {
    run(["assess", "--json", "--data", text(data), "--as-of", AS_OF]).ok()
}

#[test]
fn a_backup_put_in_place_elsewhere_gives_every_answer_as_before_and_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let [data, there, key, file] =
        ["data", "there", "key", "copy"].map(|it| folder.path().join(it));
    run(["demo", "--no-serve", "--folder", text(&data), "--limit", "1"]).ok();
    fs::write(data.join("exposome.key"), [7; 32]).unwrap();
    let public = run(["backup", "new-key", text(&key)]).ok().trim().to_owned();
    assert!(run(["backup", "new-key", text(&key)]).code != Some(0), "a key is not written over");
    let written =
        run(["backup", "write", "--to", &public, text(&file), "--data", text(&data)]).ok();
    assert!(
        written.contains("exposome.db:") && written.contains("exposome.key: 32 bytes"),
        "{written}"
    );
    let bytes = fs::read(&file).unwrap();
    assert!(!bytes.windows(6).any(|it| it == b"SQLite"), "it is sealed");
    assert!(
        run(["backup", "verify", "--key", text(&key), text(&file)]).ok().starts_with("whole: of ")
    );
    let before = assessed(&data);
    run(["restore", "--key", text(&key), text(&file), "--data", text(&there)]).ok();
    assert_eq!(fs::read(there.join("exposome.key")).unwrap(), [7; 32]);
    assert!(there.join("restored").exists());
    assert_eq!(assessed(&there), before);
    // Nothing is left beside it, and nothing is put over what is there.
    let mut left: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["copy", "data", "key", "there"]);
    assert!(
        !fs::read_dir(&data).unwrap().any(|it| it
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("backup-"))
    );
    let over = run(["restore", "--key", text(&key), text(&file), "--data", text(&there)]);
    assert!(
        over.code == Some(1) && over.beside.contains("into an empty folder"),
        "{}",
        over.beside
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for (path, mode) in
            [(&there, 0o700), (&there.join("exposome.db"), 0o600), (&file, 0o600), (&key, 0o600)]
        {
            assert_eq!(
                fs::metadata(path).unwrap().permissions().mode() & 0o777,
                mode,
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_backup_for_others_or_one_that_was_changed_is_not_put_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let [data, there, key, other, file] =
        ["data", "there", "key", "other", "copy"].map(|it| folder.path().join(it));
    run(["demo", "--no-serve", "--folder", text(&data), "--limit", "1"]).ok();
    let public = run(["backup", "new-key", text(&key)]).ok().trim().to_owned();
    run(["backup", "new-key", text(&other)]).ok();
    run(["backup", "write", "--to", &public, text(&file), "--data", text(&data)]).ok();
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    let cases: [(&Path, &[u8], &str); 4] = [
        (&other, &whole, "another key"),
        (&key, &changed, "it was changed"),
        (&key, &whole[..whole.len() - 100], "in the middle"),
        (&key, b"exposome-backup 2\nxx", "no backup of exposome"),
    ];
    for (key, bytes, words) in cases {
        fs::write(&file, bytes).unwrap();
        for arguments in [
            ["restore", "--key", text(key), text(&file), "--data", text(&there)].as_slice(),
            &["backup", "verify", "--key", text(key), text(&file)],
        ] {
            let said = run(arguments.iter().copied());
            assert!(
                said.code == Some(1) && said.beside.contains(words),
                "{words}: {}",
                said.beside
            );
        }
        assert!(!there.exists() && !folder.path().join("there.restoring").exists(), "{words}");
    }
}
