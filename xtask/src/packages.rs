//! What a fresh Debian machine lacks, installed where that is allowed.

use crate::{Failure, failure, must, say};
use std::path::Path;
use std::process::Command;

/// Installs Debian packages, or says which are missing.
pub(crate) fn packages(names: &[&str]) -> Result<(), Failure> {
    let listed = names.join(" ");
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return Err(failure(format!(
            "missing: {listed}. Install these packages of your system, then run this again"
        )));
    }
    say(&format!("{listed} is missing: installing Debian's package"));
    must(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    must(install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(names))
}

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
