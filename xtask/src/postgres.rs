//! A `PostgreSQL` server of our own for the tests: a fresh cluster in a temporary
//! folder, on a free loopback port, stopped when the tests are done.

use crate::packages::{is_root, packages};
use crate::{Failure, failure, say};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    pg_ctl: PathBuf,
    port: u16,
}

impl Cluster {
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let stopped =
            as_server(&self.pg_ctl).arg("-D").arg(data).args(["-m", "immediate", "stop"]).output();
        if !stopped.is_ok_and(|output| output.status.success()) {
            say("the test PostgreSQL server did not stop by itself");
        }
    }
}

/// Finds or installs `PostgreSQL`, makes a cluster and waits until it answers.
pub(crate) fn start() -> Result<Cluster, Failure> {
    let programs = find().map_or_else(install, Ok)?;
    let folder = tempfile::Builder::new().prefix("exposome-postgres").tempdir()?;
    let data = folder.path().join("data");
    if is_root() {
        // initdb refuses root: the server runs as the user `postgres`, who must own the folder.
        done(Command::new("chown").arg("postgres").arg(folder.path()))?;
    }
    done(as_server(&programs.join("initdb")).arg("-D").arg(&data).args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
    ]))?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''");
    let log = folder.path().join("log");
    let pg_ctl = programs.join("pg_ctl");
    done(
        as_server(&pg_ctl)
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(if is_root() { data.join("log") } else { log })
            .args(["-w", "-o", &options, "start"]),
    )?;
    Ok(Cluster { folder, pg_ctl, port })
}

/// The folder that holds `initdb` and `pg_ctl`: on the path, or where Debian keeps them.
fn find() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

fn install() -> Result<PathBuf, Failure> {
    packages(&["postgresql"])?;
    find().ok_or_else(|| {
        failure(
            "PostgreSQL was installed but its programs were not found under /usr/lib/postgresql",
        )
    })
}

fn as_server(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command.current_dir("/");
        command
    } else {
        Command::new(program)
    }
}

/// Runs a command to its end; what it prints is shown only if it fails.
fn done(command: &mut Command) -> Result<(), Failure> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(failure(format!("{} failed: {said}", command.get_program().to_string_lossy())))
}
