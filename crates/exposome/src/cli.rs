//! Every command and option, in one place: parser, help, completions and manual page are drawn from it.

use clap::{Args, Parser, Subcommand, ValueEnum};
use exposome_engine::agreement::Agreement;
use exposome_engine::choose::Aspect;
use exposome_engine::worklist::Place;
use exposome_model::event::Role;
use exposome_model::exposure::Verdict;
use std::path::{Path, PathBuf};

/// What is on the hospital's network, what is wrong with it, what to do first, and why.
///
/// Exit codes: 0 all done; 1 failed; 2 the command line was not understood; 3 done, but part of the input was
/// refused; 4 held back until a person looks.
#[derive(Debug, Parser)]
#[command(name = "exposome", version, max_term_width = 110)]
pub(crate) struct Cli {
    /// Folder that holds everything exposome keeps
    #[arg(
        long,
        global = true,
        env = "EXPOSOME_DATA",
        default_value = "exposome-data",
        value_name = "DIR"
    )]
    pub(crate) data: PathBuf,

    /// `PostgreSQL` instead of the `SQLite` file in the data folder
    #[arg(
        long,
        global = true,
        env = "EXPOSOME_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,

    /// The moment of evaluation (2026-08-16T09:00:00Z or 2026-08-16); now where it is left out
    #[arg(long, global = true, value_name = "MOMENT")]
    pub(crate) as_of: Option<String>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the synthetic hospital: a ranked worklist with an explanation for each line, then its pages
    Demo(Demo),
    /// Keep a copy of everything: consistent while the server runs, sealed for one key
    #[command(subcommand)]
    Backup(Backup),
    /// Put a copy in place, into an empty data folder; it asks nobody outside until a person has confirmed it
    Restore(Restore),
    /// Answer by HTTP: the pages and the API, and do by itself what is due
    Serve(Serve),
    /// The world's vulnerability knowledge: fetch, load, carry, check
    #[command(subcommand)]
    Feeds(Feeds),
    /// Read inventories, SBOMs and scans
    Import(Import),
    /// Evaluate everything anew, as of any moment: figures, and a digest of every answer
    Assess(Assess),
    /// What to do, in which order
    Worklist(Worklist),
    /// Why an asset has (or has not) a vulnerability, and why it comes when it comes
    Explain(Explain),
    /// Change what holds: merge, split, classify, give a verdict, defer, wake, confirm
    #[command(subcommand)]
    Decide(Decide),
    /// What people have decided, and what waits for a second person
    Decisions(Decisions),
    /// What stands elsewhere than at an earlier moment, and which fact moved it
    Diff(Diff),
    /// How long work stays open, how much of it is done in time, and where it is going
    Trend(Trend),
    /// The table that decides: print it, check another, see what that would move
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// What scanners report beside what we find: agreed, theirs only, ours only, with the reason
    Findings(Findings),
    /// What an application consists of, its weakest part, and the parts nobody can see
    Application(Application),
    /// Score CVSS vectors, one a line: vector, version, nomenclature, base, threat, environmental, final
    Cvss(Cvss),
    /// Hold an inventory against a folder of feed documents, without touching the data folder
    Match(Match),
    /// Who is in capture files, what each says of itself and who talks to whom, without touching the data folder
    Identify(Identify),
    /// Hear an interface for a while (as `identify`), or show what would be asked of whom, byte by byte, without asking
    Sensor(Sensor),
    /// The kinds of documents that are understood
    Formats(Rendering),
    /// Completions for a shell, on standard output
    Completions { shell: clap_complete::Shell },
    /// The manual page, on standard output
    Man {
        /// The page of this command (`man feeds load`); the one of exposome where left out
        command: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where the demo keeps its documents and its store
    #[arg(long, default_value = "exposome-demo", value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// How many jobs to show; 0 for all
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) limit: usize,
    /// Show the worklist and end, instead of serving the pages
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// Where the pages are served
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDRESS")]
    pub(crate) address: std::net::SocketAddr,
    /// HTTP without TLS, on this machine alone
    #[arg(long)]
    pub(crate) plain: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    /// Make a pair of keys; the public half is printed
    NewKey {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write a backup that the owner of a key opens
    Write {
        /// The public half of the key
        #[arg(long, value_name = "KEY")]
        to: String,
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Open a backup, look through all of it, and leave nothing behind
    Verify {
        /// The private half of the key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The private half of the key
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; 127.0.0.1:8443 where neither this nor the settings say so
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<std::net::SocketAddr>,
    /// The settings of the server (TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Changes to the publishers of feeds (TOML), as for `feeds sync`
    #[arg(long, value_name = "FILE")]
    pub(crate) publishers: Option<PathBuf>,
    /// HTTP without TLS, on this machine alone: for tests, or behind a proxy
    #[arg(long)]
    pub(crate) plain: bool,
    /// Logs as JSON, an object a line
    #[arg(long)]
    pub(crate) log_json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Feeds {
    /// Fetch what has changed at the publishers and load it
    Sync {
        /// Only these publishers (`feeds publishers` lists them); those on by default where left out
        publishers: Vec<String>,
        /// Changes to the publishers: addresses, keys, limits (TOML)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Proxy to go through, instead of what the environment says
        #[arg(long, value_name = "URL")]
        proxy: Option<String>,
        /// Fetch only, load nothing
        #[arg(long)]
        fetch_only: bool,
        #[command(flatten)]
        rendering: Rendering,
    },
    /// The publishers that are known, with their addresses
    Publishers(Rendering),
    /// Load feed documents from files or folders
    Load {
        #[arg(required = true, value_name = "FILE|DIR")]
        paths: Vec<PathBuf>,
        /// Take documents even where they are older or much smaller than those in force
        #[arg(long)]
        force: bool,
        /// Say which exposures would stand elsewhere, and write nothing
        #[arg(long)]
        diff: bool,
        #[command(flatten)]
        rendering: Rendering,
    },
    /// Each feed: its date, age, count; fresh, stale or missing
    Status {
        /// The site whose policy says how old a feed may be
        #[arg(long, default_value = "main")]
        site: String,
        #[command(flatten)]
        rendering: Rendering,
    },
    /// Carry feeds to a place without a network, in one signed file
    #[command(subcommand)]
    Bundle(Bundle),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Bundle {
    /// Make a key pair; the public half is printed
    NewKey {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write the fetched feeds into one signed file
    Write {
        /// The private key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The folder of feeds to carry, a folder a feed; what `feeds sync` fetched where left out
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Verify a bundle and load it
    Load {
        /// A public key that is trusted
        #[arg(long, required = true, value_name = "KEY")]
        trust: Vec<String>,
        /// Take a bundle that is older than the last one
        #[arg(long)]
        allow_older: bool,
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        rendering: Rendering,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
    /// Whose records these are; records that name another site are refused.  Where left out, each goes to the site it
    /// names, else to `main`
    #[arg(long)]
    pub(crate) site: Option<String>,
    /// What the hospital calls this source; the file's name where left out
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// When what the documents say was true; the moment of import where left out
    #[arg(long, value_name = "MOMENT")]
    pub(crate) observed: Option<String>,
    /// How the columns are called (made by --save-map)
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// Write what the columns were taken for, to be corrected and given to --map
    #[arg(long, value_name = "FILE")]
    pub(crate) save_map: Option<PathBuf>,
    /// The sheet of a workbook; the first one where left out
    #[arg(long)]
    pub(crate) worksheet: Option<String>,
    /// The asset that a list without a subject speaks of (`dpkg -l`, `rpm -qa`)
    #[arg(long, value_name = "ASSET")]
    pub(crate) subject: Option<String>,
    /// The distribution a package list is of: `debian-12`, `rhel-8.8`
    #[arg(long)]
    pub(crate) distribution: Option<String>,
    /// Show what would be read and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Say which exposures would stand elsewhere, and write nothing
    #[arg(long, conflicts_with_all = ["dry_run", "save_map"])]
    pub(crate) diff: bool,
    /// The documents are complete for this scope: `location=ICU`, `class=infusion pump`, `all`; what they no longer
    /// name inside it is listed as not seen
    #[arg(long, value_name = "SCOPE")]
    pub(crate) complete: Vec<String>,
    /// A person has looked at the list of what would be closed
    #[arg(long)]
    pub(crate) confirm: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Args)]
pub(crate) struct Assess {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Args)]
pub(crate) struct Worklist {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    /// One line an exposure instead of one line a job
    #[arg(long)]
    pub(crate) flat: bool,
    /// Only what has this value, as `unit=ICU` or `clock=overdue`; several of one name are alternatives. Names: unit,
    /// location, owner, zone, class, vendor, vulnerability, kev, decision, clock
    #[arg(long, value_name = "NAME=VALUE", value_parser = aspect_and_value)]
    pub(crate) only: Vec<(Aspect, String)>,
    /// Count instead: one line a unit, owner, class, vendor, ...
    #[arg(long, value_name = "NAME", value_parser = aspect, conflicts_with = "flat")]
    pub(crate) by: Option<Aspect>,
    /// The lines behind this one: what the page before ended with
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["flat", "by"])]
    pub(crate) after: Option<Place>,
    /// At most so many lines; 0 for all
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

fn aspect(name: &str) -> Result<Aspect, String> {
    Aspect::by_name(name).ok_or_else(|| {
        let names = Aspect::ALL.map(Aspect::name).join(", ");
        format!("no {name:?} is known of an exposure; there are: {names}")
    })
}

fn aspect_and_value(text: &str) -> Result<(Aspect, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, as in unit=ICU")?;
    Ok((aspect(name)?, value.to_owned()))
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    /// The asset's number
    pub(crate) asset: String,
    /// `CVE-2020-6961`, an advisory's own id, or `check:unsupported-software`; all of the asset's where left out
    pub(crate) vulnerability: Option<String>,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Decide {
    /// Two assets are the same thing
    Merge {
        asset: String,
        other: String,
        #[command(flatten)]
        decider: Reasoned,
    },
    /// What a source says is about another thing than what the others speak of
    Split {
        asset: String,
        /// The source whose word goes its own way
        #[arg(long)]
        source: String,
        /// The subject of that word, where the source has several on this asset
        #[arg(long)]
        key: Option<String>,
        #[command(flatten)]
        decider: Reasoned,
    },
    /// What an asset is for, whatever its sources say: a code of `rules/categories` (`LS`, `TH-C`)
    Class {
        asset: String,
        category: String,
        #[command(flatten)]
        decider: Reasoned,
    },
    /// Whether a vulnerability concerns something, whatever the documents say
    Verdict {
        vulnerability: String,
        #[arg(value_enum)]
        verdict: VerdictName,
        /// The last day on which it holds
        #[arg(long, value_name = "DAY")]
        until: Option<jiff::civil::Date>,
        #[command(flatten)]
        scope: ScopeArguments,
        #[command(flatten)]
        decider: Reasoned,
    },
    /// Let a vulnerability wait until the evidence changes
    Defer {
        vulnerability: String,
        /// Comes back on this day whatever happens; 90 days from now where left out
        #[arg(long, value_name = "DAY")]
        review: Option<jiff::civil::Date>,
        /// Comes back when EPSS is at or above this
        #[arg(long, value_name = "PROBABILITY", default_value = "0.1")]
        epss_over: String,
        /// Comes back when EPSS is so many times what it is now
        #[arg(long, value_name = "FACTOR")]
        epss_times: Option<String>,
        #[command(flatten)]
        scope: ScopeArguments,
        #[command(flatten)]
        decider: Reasoned,
    },
    /// A deferral ends now; its number is in `exposome decisions`
    Wake {
        number: u64,
        #[command(flatten)]
        decider: Reasoned,
    },
    /// A decision holds no longer
    TakeBack {
        number: u64,
        #[command(flatten)]
        decider: Reasoned,
    },
    /// A second person agrees with a proposal
    Confirm {
        number: u64,
        #[command(flatten)]
        decider: Decider,
    },
    /// A proposal is not made
    Decline {
        number: u64,
        #[command(flatten)]
        decider: Reasoned,
    },
}

/// Who decides.
#[derive(Debug, Args)]
pub(crate) struct Decider {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    /// Who decides
    #[arg(long, alias = "as", value_name = "NAME", env = "EXPOSOME_BY")]
    pub(crate) by: String,
    #[arg(long, value_enum)]
    pub(crate) role: RoleName,
}

/// Who decides, and why.
#[derive(Debug, Args)]
pub(crate) struct Reasoned {
    #[command(flatten)]
    pub(crate) decider: Decider,
    /// Why, for whoever reads it in a year
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    Analyst,
    ClinicalEngineer,
    Clinician,
    ItOperations,
    Compliance,
}

impl RoleName {
    pub(crate) fn role(self) -> Role {
        match self {
            RoleName::Analyst => Role::Analyst,
            RoleName::ClinicalEngineer => Role::ClinicalEngineer,
            RoleName::Clinician => Role::Clinician,
            RoleName::ItOperations => Role::ItOperations,
            RoleName::Compliance => Role::Compliance,
        }
    }
}

/// What it is decided for.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct ScopeArguments {
    /// This asset
    #[arg(long, required_unless_present_any = ["product", "everywhere"])]
    pub(crate) asset: Option<String>,
    /// Everything of this name, whatever its version
    #[arg(long, value_name = "NAME", conflicts_with = "asset")]
    pub(crate) product: Option<String>,
    /// The maker of the product
    #[arg(long, requires = "product")]
    pub(crate) vendor: Option<String>,
    /// The whole site
    #[arg(long, conflicts_with_all = ["asset", "product"])]
    pub(crate) everywhere: bool,
    /// Only this component
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Decisions {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    /// Only what waits for a second person
    #[arg(long)]
    pub(crate) waiting: bool,
    /// Follow the audit log and say whether anything was changed, left out or moved
    #[arg(long)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    /// The earlier moment: 2026-08-16 or 2026-08-16T09:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: String,
    /// The later one; the moment of evaluation where left out
    #[arg(long, value_name = "WHEN")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Args)]
pub(crate) struct Trend {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    /// Over so many days
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i32).range(1..=3660))]
    pub(crate) days: i32,
    /// What exposure-days are added up by
    #[arg(long, value_enum, default_value = "unit")]
    pub(crate) by: TrendBy,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum TrendBy {
    Unit,
    /// The function of the device
    Class,
    Fix,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print the table in force, since when and by whom, or that of a file
    Show {
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        #[arg(long, default_value = "main")]
        site: String,
        #[command(flatten)]
        rendering: Rendering,
    },
    /// Whether a policy decides every combination of the inputs and has no row in vain
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Put a policy in force; a second person confirms it (`exposome decide confirm`)
    Adopt {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        decider: Reasoned,
    },
    /// What a policy would move, before it is put in force
    Diff {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, default_value = "main")]
        site: String,
        #[command(flatten)]
        rendering: Rendering,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Findings {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    /// Only these
    #[arg(long, value_enum)]
    pub(crate) only: Option<AgreementName>,
    /// At most so many lines; 0 for all
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AgreementName {
    TheirsOnly,
    OursOnly,
    Agreed,
}

impl AgreementName {
    pub(crate) fn agreement(self) -> Agreement {
        match self {
            AgreementName::TheirsOnly => Agreement::TheirsOnly,
            AgreementName::OursOnly => Agreement::OursOnly,
            AgreementName::Agreed => Agreement::Agreed,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Application {
    #[arg(long, default_value = "main")]
    pub(crate) site: String,
    /// Its name; all of them where left out
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Args)]
pub(crate) struct Cvss {
    /// Vectors, or `-` for standard input
    #[arg(required = true)]
    pub(crate) vectors: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Match {
    /// A folder of feed documents, recognised by content
    #[arg(long, required = true, value_name = "DIR")]
    pub(crate) feeds: Vec<PathBuf>,
    /// An inventory, SBOM or scan
    #[arg(long, required = true, value_name = "FILE")]
    pub(crate) inventory: Vec<PathBuf>,
    /// Only these verdicts
    #[arg(long, value_enum)]
    pub(crate) verdict: Vec<VerdictName>,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Args)]
pub(crate) struct Identify {
    /// pcap or pcapng, packed with gzip or not
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Read where a device stands from HL7 messages (PV1-3, PRT-14), where the site allows it
    #[arg(long)]
    pub(crate) locations: bool,
    /// A folder of Recog's XML databases, to conclude more from banners
    #[arg(long, value_name = "DIR")]
    pub(crate) recog: Option<PathBuf>,
    /// The IEEE's listing of makers (oui.txt), instead of the part that ships with the program
    #[arg(long, value_name = "FILE")]
    pub(crate) makers: Option<PathBuf>,
    /// Only assets, no flows
    #[arg(long)]
    pub(crate) no_flows: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Args)]
pub(crate) struct Sensor {
    /// The interface to hear: a mirror port, a bridge
    #[arg(long, value_name = "NAME", required_unless_present = "read")]
    pub(crate) interface: Option<String>,
    /// A capture file in its place
    #[arg(long, value_name = "FILE", conflicts_with = "interface")]
    pub(crate) read: Option<PathBuf>,
    /// How long
    #[arg(long, default_value_t = 60, value_name = "N")]
    pub(crate) seconds: u64,
    /// What would be asked of each thing that was heard, every byte of it, and why nothing of the others; nothing is sent
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Read where a device stands from HL7 messages (PV1-3, PRT-14), where the site allows it
    #[arg(long)]
    pub(crate) locations: bool,
    /// Only assets, no flows
    #[arg(long)]
    pub(crate) no_flows: bool,
    #[command(flatten)]
    pub(crate) rendering: Rendering,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum VerdictName {
    Affected,
    Possibly,
    NotAffected,
}

impl VerdictName {
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            VerdictName::Affected => Verdict::Affected,
            VerdictName::Possibly => Verdict::Possibly,
            VerdictName::NotAffected => Verdict::NotAffected,
        }
    }
}

/// How to print a list.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Rendering {
    /// One JSON object a line
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Comma-separated values, formulas neutralised
    #[arg(long)]
    pub(crate) csv: bool,
}

impl Cli {
    /// The same call on another data folder and at another moment.
    pub(crate) fn of_folder(folder: &Path, as_of: &str) -> Cli {
        Cli {
            data: folder.to_owned(),
            database: None,
            as_of: Some(as_of.to_owned()),
            command: Command::Man { command: Vec::new() },
        }
    }
}
