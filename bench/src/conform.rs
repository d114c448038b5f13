//! Whether the server answers as its description says, asked by schemathesis with what the description allows and what
//! it does not.

use crate::benches::{Bound, Figure, figure};
use crate::ground::{Ground, NotRun, not_run, postgres_url};
use crate::served::Served;
use std::path::{Path, PathBuf};
use std::process::Command;

const LINE: &str = "3.3";
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance,response_headers_conformance";

/// What signs out, or takes away what the others are asked with: asked last.
const LAST: &str = "/(session|set-up|me/(password|sessions|totp|passkeys)|people/|oidc/)";
/// The stream of changes does not end by itself.
const NEVER: &str = "/live$";

/// On `SQLite` and on `PostgreSQL`, with the demo hospital in it.
pub(crate) fn measure(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    let asker = asker(ground)?;
    let data = ground.fresh("conform")?;
    ground.exposome(&data, &["demo", "--no-serve", "--limit", "1", "--folder", text(&data)?])?;
    let mut figures = asked(ground, &asker, &data, &[], "SQLite")?;

    let url = postgres_url()?;
    let on_postgres = ["--database", url.as_str()];
    let folder = ground.fresh("conform-postgres")?;
    let (feeds, inventory) = (data.join("feeds"), data.join("documents"));
    let load = [&on_postgres[..], &["feeds", "load", text(&feeds)?]].concat();
    ground.exposome(&folder, &load)?;
    let import = [&on_postgres[..], &["import", text(&inventory)?]].concat();
    ground.exposome(&folder, &import)?;
    figures.extend(asked(ground, &asker, &folder, &on_postgres, "PostgreSQL")?);
    Ok(figures)
}

fn asked(
    ground: &mut Ground,
    asker: &Path,
    data: &Path,
    more: &[&str],
    on: &str,
) -> Result<Vec<Figure>, NotRun> {
    let served = Served::start(ground, data, more)?;
    let root = served.administrator()?;
    // Once the site is read in.
    root.get("/api/v1/worklist?limit=1")?;
    let (mut operations, mut cases, mut failures) = (0.0, 0.0, 0.0);
    let first = format!("{LAST}|{NEVER}");
    let passes = [["--exclude-path-regex", first.as_str()], ["--include-path-regex", LAST]];
    for (pass, which) in (1..).zip(passes) {
        let mut command = Command::new(asker);
        command.args(["run", "--no-color", "--seed", "20261201", "--max-examples", "40"]);
        command.args(["--phases", "coverage,fuzzing", "--suppress-health-check", "all"]);
        command.args(["--continue-on-failure", "--generation-database", "none"]);
        command.args(["--checks", CHECKS]).args(which);
        for (name, value) in &root.headers {
            command.arg("--header").arg(format!("{name}: {value}"));
        }
        let output = command.arg(format!("{}/api/v1/openapi.json", served.url)).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        std::fs::write(data.join(format!("conform-{pass}.log")), &said)?;
        // The number before these words.
        let number = |words: &str| {
            let before = said.lines().rev().find_map(|line| Some(line.split_once(words)?.0));
            before.and_then(|it| it.trim().rsplit(' ').next()?.parse::<f64>().ok())
        };
        let tested =
            said.lines().find_map(|it| it.trim().strip_prefix("Tested: ")?.parse::<f64>().ok());
        let generated = number(" generated");
        let (Some(tested), Some(generated)) = (tested, generated) else {
            let last = said.lines().rev().find(|it| !it.trim().is_empty()).unwrap_or_default();
            return Err(not_run(format!("schemathesis did not end well: {last}")));
        };
        let found: f64 = number(" unique failure").unwrap_or_default();
        if !output.status.success() && found == 0.0 {
            return Err(not_run("schemathesis met errors of its own: see conform-*.log"));
        }
        operations += tested;
        cases += generated;
        failures += found;
    }
    let figure = |name: &str, value, unit: &str, bound| {
        figure(LINE, &format!("{on}: {name}"), value, unit, bound)
    };
    Ok(vec![
        figure("operations asked", operations, "operations", Bound::AtLeast(80.0)),
        figure("questions", cases, "questions", Bound::None),
        figure(
            "faults, and answers that are not described",
            failures,
            "answers",
            Bound::AtMost(0.0),
        ),
    ])
}

/// Installs schemathesis beside the benches' data.
fn asker(ground: &Ground) -> Result<PathBuf, NotRun> {
    let folder = ground.tool("schemathesis");
    let program = folder.join("bin/schemathesis");
    if program.exists() {
        return Ok(program);
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status();
    if !made.is_ok_and(|it| it.success()) {
        return Err(not_run("python3 with venv is missing: apt-get install python3-venv"));
    }
    let pip = folder.join("bin/pip");
    if !Command::new(pip).args(["install", "--quiet", SCHEMATHESIS]).status()?.success() {
        return Err(not_run(format!("{SCHEMATHESIS} cannot be installed")));
    }
    Ok(program)
}

fn text(path: &Path) -> Result<&str, NotRun> {
    path.to_str().ok_or_else(|| not_run("the work folder has a name that is not UTF-8"))
}
