//! What a package manager says is installed on one machine.
//!
//! `dpkg -l`, `dpkg-query -W`, `/var/lib/dpkg/status`, `rpm -qa` and `dnf list
//! installed`, as people paste them into a file.  Such a list does not say which
//! machine it is of, nor which distribution: both are told beside it.  Where the
//! distribution is not told, its versions may show it (`+deb12u5`, `.fc40`);
//! else it stays unknown.
//!
//! Sources: dpkg(1), dpkg-query(1), deb-version(7); rpm(8), "QUERY OPTIONS"; the
//! package URLs: package-url/purl-spec, types deb and rpm; `upstream` names the
//! source package, by which distributions publish their fixes.

use super::bill::file_stem;
use super::rows::{Line, read_line, trim_line_end};
use super::text::{decode, quoted};
use crate::{Document, Error, Format, Glimpse, Item, Reader};
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::purl::{Parts, Purl};
use exposome_model::reading::{Complaint, Sink};
use std::io::BufRead;

pub(super) const DPKG_LIST: Format = Format {
    id: "dpkg-list",
    title: "packages of a Debian or Ubuntu machine, as dpkg -l or dpkg-query -W lists them",
    specified_in: "dpkg(1), dpkg-query(1)",
    known_by: "the heading of dpkg -l, or lines of name, tab, version",
    recognise: |glimpse| {
        glimpse.lines().take(8).any(|it| it.starts_with("||/ Name"))
            || most_are(glimpse, |it| it.contains('\t') && dpkg_line(it).is_some())
    },
    reader: Reader::Stream(|source, document, sink| {
        read_lines(source, document, sink, Family::Deb, dpkg_line)
    }),
};

pub(super) const RPM_LIST: Format = Format {
    id: "rpm-list",
    title: "packages of a Red Hat, Fedora or SUSE machine, as rpm -qa or dnf lists them",
    specified_in: "rpm(8), QUERY OPTIONS",
    known_by: "lines of name-version-release.architecture, or these as columns",
    recognise: |glimpse| most_are(glimpse, |it| rpm_line(it).is_some()),
    reader: Reader::Stream(|source, document, sink| {
        read_lines(source, document, sink, Family::Rpm, rpm_line)
    }),
};

pub(super) const DPKG_STATUS: Format = Format {
    id: "dpkg-status",
    title: "the package database of a Debian or Ubuntu machine, /var/lib/dpkg/status",
    specified_in: "deb-control(5), dpkg(1) FILES",
    known_by: "paragraphs that open with Package: and hold Status:",
    recognise: |glimpse| {
        glimpse.first_line().starts_with("Package: ")
            && glimpse.lines().take(40).any(|it| it.starts_with("Status: "))
    },
    reader: Reader::Stream(read_status),
};

/// How packages of a family are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Deb,
    Rpm,
}

/// One package, as a line or a paragraph has it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Listed {
    name: String,
    /// Without epoch for rpm.
    version: String,
    epoch: Option<String>,
    architecture: Option<String>,
    /// The source package it was built from, `openssl` or `openssl@3.0.2-1`.
    source: Option<String>,
    /// It is known, and not (or not wholly) installed.
    absent: bool,
}

/// Whether nearly all of the first lines are of a form.
fn most_are(glimpse: &Glimpse<'_>, is: impl Fn(&str) -> bool) -> bool {
    let mut lines: Vec<&str> =
        glimpse.lines().map(str::trim_end).filter(|it| !is_around(it)).take(30).collect();
    if lines.len() > 1 && glimpse.head.len() >= crate::glimpse::HEAD_BYTES {
        lines.pop();
    }
    let such = lines.iter().filter(|it| is(it)).count();
    such > 0 && such * 5 >= lines.len() * 4
}

/// A line of `dpkg -l` (`ii  name  version  arch  description`) or of `dpkg-query -W`.
fn dpkg_line(line: &str) -> Option<Listed> {
    let mut fields = line.split_ascii_whitespace();
    let (first, second) = (fields.next()?, fields.next()?);
    let state = first.as_bytes();
    let is_state = (2..=3).contains(&state.len())
        && matches!(state.first(), Some(b'u' | b'i' | b'h' | b'r' | b'p'))
        && state.iter().all(u8::is_ascii_alphabetic)
        && !line.contains('\t');
    let (name, version) = if is_state { (second, fields.next()?) } else { (first, second) };
    let (name, suffix) =
        name.split_once(':').map_or((name, None), |(name, suffix)| (name, Some(suffix)));
    let architecture = suffix.or_else(|| fields.next().filter(|it| is_architecture(it)));
    (is_deb_name(name) && is_deb_version(version)).then(|| Listed {
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: architecture.map(str::to_owned),
        // The second letter is the status: `n` not installed, `c` only its settings are left.
        // What is unpacked and not yet set up has its files in place.
        absent: is_state && matches!(state.get(1), Some(b'n' | b'c')),
        ..Listed::default()
    })
}

fn is_deb_name(name: &str) -> bool {
    name.len() >= 2
        && name.bytes().all(|it| {
            it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, b'+' | b'-' | b'.')
        })
        && name.bytes().next().is_some_and(|it| it.is_ascii_alphanumeric())
}

fn is_deb_version(version: &str) -> bool {
    version.bytes().next().is_some_and(|it| it.is_ascii_digit())
        && version
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'+' | b'-' | b'~' | b':'))
}

const ARCHITECTURES: &[&str] = &[
    "all", "any", "noarch", "amd64", "i386", "i486", "i586", "i686", "x86_64", "arm64", "aarch64",
    "armhf", "armel", "armv7hl", "armv7l", "ppc64", "ppc64le", "ppc64el", "s390x", "riscv64",
    "mips64el", "mipsel", "src", "(none)",
];

fn is_architecture(word: &str) -> bool {
    ARCHITECTURES.contains(&word)
}

/// A line of `rpm -qa`, plain or with fields between blanks, tabs, bars or commas, or of `dnf list installed`.
fn rpm_line(line: &str) -> Option<Listed> {
    let fields: Vec<&str> =
        line.split([' ', '\t', '|', ';', ',']).filter(|it| !it.is_empty()).take(12).collect();
    match *fields.as_slice() {
        // `rpm -qa --last` adds the day of installation.
        [nevra] | [nevra, _, _, _, _, ..] if nevra_of(nevra).is_some() => nevra_of(nevra),
        [name, epoch, version, release, arch] if is_architecture(arch) => {
            evr(name, Some(epoch), version, release, arch)
        }
        [name, version, release, arch] if is_architecture(arch) => {
            evr(name, None, version, release, arch)
        }
        [name, evr_text, arch] if is_architecture(arch) => {
            let (version, release) = evr_text.rsplit_once('-')?;
            evr(name, None, version, release, arch)
        }
        [dotted, evr_text, repository] | [dotted, evr_text, repository, ..]
            if repository.starts_with('@') || repository == "installed" =>
        {
            let (name, arch) = dotted.rsplit_once('.').filter(|(_, arch)| is_architecture(arch))?;
            let (version, release) = evr_text.rsplit_once('-')?;
            evr(name, None, version, release, arch)
        }
        _ => None,
    }
}

/// `openssl-libs-1.1.1k-7.el8_6.x86_64`; the epoch may stand before the name or the version.
fn nevra_of(text: &str) -> Option<Listed> {
    let (rest, arch) = text.rsplit_once('.').filter(|(_, arch)| is_architecture(arch))?;
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    match name.split_once(':') {
        Some((epoch, name)) => evr(name, Some(epoch), version, release, arch),
        None => evr(name, None, version, release, arch),
    }
}

fn evr(
    name: &str,
    epoch: Option<&str>,
    version: &str,
    release: &str,
    arch: &str,
) -> Option<Listed> {
    let (epoch, version) =
        version.split_once(':').map_or((epoch, version), |(epoch, version)| (Some(epoch), version));
    let epoch = epoch.filter(|it| !matches!(*it, "(none)" | "0" | ""));
    let plain = |it: &str| {
        !it.is_empty()
            && it.bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'~' | b'^' | b'-')
            })
    };
    let sound = plain(name)
        && plain(version)
        && plain(release)
        && epoch.is_none_or(|it| it.bytes().all(|b| b.is_ascii_digit()));
    sound.then(|| Listed {
        name: name.to_owned(),
        version: format!("{version}-{release}"),
        epoch: epoch.map(str::to_owned),
        architecture: Some(arch.to_owned()).filter(|it| it != "(none)"),
        // Keys of the package database, not packages.
        absent: name == "gpg-pubkey",
        ..Listed::default()
    })
}

/// Lines that stand around the packages in what these programs print.
fn is_around(line: &str) -> bool {
    const AROUND: &[&str] = &[
        "Desired=",
        "| Status=",
        "|/ Err?=",
        "||/",
        "+++-",
        "Installed Packages",
        "Last metadata",
        "Listing...",
        "gpg-pubkey-",
    ];
    line.trim().is_empty() || AROUND.iter().any(|it| line.starts_with(it))
}

fn read_lines(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
    family: Family,
    parse: fn(&str) -> Option<Listed>,
) -> Result<(), Error> {
    let mut list = List::new(family, document);
    let mut name_width = None;
    let result = each_line(source, |line, text| {
        let Some(text) = text else {
            list.refuse(line, "the line is too long", sink);
            return;
        };
        if let Some(rulers) = text.strip_prefix("+++-") {
            name_width = rulers.split('-').next().map(str::len);
        }
        if is_around(text) {
            return;
        }
        match parse(text) {
            Some(listed) => {
                let cut = name_width.is_some_and(|width| listed.name.len() == width && width < 20);
                if cut && !listed.absent {
                    let message = format!(
                        "the name {} fills its column and may be cut off; COLUMNS=300 dpkg -l lists whole names",
                        quoted(&listed.name)
                    );
                    sink.complain(Complaint::doubtful(place(line), message));
                }
                list.take(listed);
            }
            None => list.refuse(
                line,
                &format!("{} is not a package with its version", quoted(text)),
                sink,
            ),
        }
    });
    list.finish(result.is_ok(), sink);
    result
}

fn read_status(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut list = List::new(Family::Deb, document);
    let mut paragraph = Listed { absent: true, ..Listed::default() };
    let mut opened = 1;
    let close = |paragraph: Listed, line: u64, list: &mut List<'_>, sink: &mut dyn Sink<Item>| {
        let complete = !paragraph.name.is_empty() && !paragraph.version.is_empty();
        if complete {
            list.take(paragraph);
        } else if !paragraph.name.is_empty() && !paragraph.absent {
            list.refuse(
                line,
                &format!("the package {} has no version", quoted(&paragraph.name)),
                sink,
            );
        }
    };
    let result = each_line(source, |line, text| {
        let text = text.unwrap_or_default();
        if text.is_empty() {
            let whole =
                std::mem::replace(&mut paragraph, Listed { absent: true, ..Listed::default() });
            close(whole, opened, &mut list, sink);
            opened = line + 1;
            return;
        }
        let Some((field, value)) = text.split_once(':').filter(|_| !text.starts_with([' ', '\t']))
        else {
            return;
        };
        let value = value.trim();
        match field {
            "Package" => value.clone_into(&mut paragraph.name),
            "Version" => value.clone_into(&mut paragraph.version),
            "Architecture" => paragraph.architecture = Some(value.to_owned()),
            // `install ok installed`: wanted, flag, state.
            "Status" => {
                let state = value.split(' ').nth(2);
                paragraph.absent = matches!(state, None | Some("not-installed" | "config-files"));
            }
            "Source" => {
                let source = value.replace(" (", "@").replace(')', "");
                paragraph.source = Some(source).filter(|it| !it.is_empty());
            }
            _ => {}
        }
    });
    close(paragraph, opened, &mut list, sink);
    list.finish(result.is_ok(), sink);
    result
}

fn each_line(
    source: &mut dyn BufRead,
    mut take: impl FnMut(u64, Option<&str>),
) -> Result<(), Error> {
    let mut held = Vec::new();
    for line in 1.. {
        held.clear();
        match read_line(source, &mut held).map_err(Error::source(place(line)))? {
            Line::Nothing => break,
            Line::TooLong => take(line, None),
            Line::Read => take(line, Some(&decode(trim_line_end(&held)))),
        }
    }
    Ok(())
}

fn place(line: u64) -> String {
    format!("line {line}")
}

/// The list of one machine.
struct List<'d> {
    family: Family,
    document: &'d Document<'d>,
    listed: Vec<Listed>,
    refused: bool,
}

impl<'d> List<'d> {
    fn new(family: Family, document: &'d Document<'d>) -> List<'d> {
        List { family, document, listed: Vec::new(), refused: false }
    }

    fn take(&mut self, listed: Listed) {
        if !listed.absent {
            self.listed.push(listed);
        }
    }

    fn refuse(&mut self, line: u64, why: &str, sink: &mut dyn Sink<Item>) {
        self.refused = true;
        sink.complain(Complaint::refused(place(line), why));
    }

    fn finish(self, complete: bool, sink: &mut dyn Sink<Item>) {
        let told = self.document.told;
        let key = told.subject.clone().unwrap_or_else(|| {
            let stem = file_stem(self.document.name).to_owned();
            let message = format!("the list does not say which machine it is of; it is taken to be {}, from the file's name", quoted(&stem));
            sink.complain(Complaint::doubtful("the document", message));
            stem
        });
        let distribution =
            told.distribution.clone().or_else(|| shown_distribution(self.family, &self.listed));
        if distribution.is_none() {
            sink.complain(Complaint::doubtful(
                "the document",
                "the distribution is not told and no version shows it; fixes that a distribution has back-ported cannot be recognised",
            ));
        }
        let distribution = distribution.as_deref();
        let system = told.distribution.as_deref().map(system);
        let packages = self.listed.iter().map(|it| package(self.family, distribution, it));
        let components = system.into_iter().chain(packages).collect();
        let whole =
            if complete && !self.refused { vec![ComponentKind::Package] } else { Vec::new() };
        let attributes = vec![(Attribute::AssetId, key.clone())];
        sink.record(Item::Sheet(Sheet {
            key,
            attributes,
            components,
            whole,
            place: "the document".to_owned(),
            ..Sheet::default()
        }));
    }
}

/// The distribution that versions show by themselves, as `name-release` or `name`.
fn shown_distribution(family: Family, listed: &[Listed]) -> Option<String> {
    let versions = || listed.iter().map(|it| it.version.as_str());
    let after = |mark: &str| {
        versions()
            .find_map(|it| it.split_once(mark).map(|(_, rest)| leading_digits(rest)))
            .filter(|it| !it.is_empty())
    };
    match family {
        Family::Deb if versions().any(|it| it.contains("ubuntu")) => Some("ubuntu".to_owned()),
        Family::Deb => {
            after("+deb").or_else(|| after("~deb")).map(|release| format!("debian-{release}"))
        }
        Family::Rpm => after(".fc")
            .map(|release| format!("fedora-{release}"))
            .or_else(|| after(".amzn").map(|release| format!("amzn-{release}")))
            // Rebuilds of Red Hat's packages carry Red Hat's versions.
            .or_else(|| after(".el").map(|_| "rhel".to_owned())),
    }
}

fn leading_digits(text: &str) -> String {
    text.chars().take_while(char::is_ascii_digit).collect()
}

/// How a distribution is named as a system, and who the packages are of in package URLs.
const DISTRIBUTIONS: &[(&str, &str, &str)] = &[
    ("debian", "Debian GNU/Linux", "debian"),
    ("ubuntu", "Ubuntu", "ubuntu"),
    ("rhel", "Red Hat Enterprise Linux", "redhat"),
    ("redhat", "Red Hat Enterprise Linux", "redhat"),
    ("centos", "CentOS", "centos"),
    ("rocky", "Rocky Linux", "rocky"),
    ("almalinux", "AlmaLinux", "almalinux"),
    ("ol", "Oracle Linux", "oracle"),
    ("fedora", "Fedora", "fedora"),
    ("amzn", "Amazon Linux", "amazon"),
    ("sles", "SUSE Linux Enterprise Server", "suse"),
    ("opensuse", "openSUSE", "opensuse"),
];

fn system(distribution: &str) -> Component {
    let (name, release) = distribution
        .split_once('-')
        .map_or((distribution, None), |(name, release)| (name, Some(release)));
    let known = DISTRIBUTIONS.iter().find(|it| it.0 == name).map_or(name, |it| it.1);
    Component {
        version: release.map(str::to_owned),
        ..Component::new(ComponentKind::System, known)
    }
}

fn package(family: Family, distribution: Option<&str>, listed: &Listed) -> Component {
    let distribution_name = distribution.map(|it| it.split_once('-').map_or(it, |(name, _)| name));
    let namespace = distribution_name
        .map(|name| DISTRIBUTIONS.iter().find(|it| it.0 == name).map_or(name, |it| it.2));
    let release = distribution.filter(|it| it.contains('-'));
    let qualifiers: Vec<(&str, &str)> = [
        ("arch", listed.architecture.as_deref()),
        ("distro", release),
        ("epoch", listed.epoch.as_deref()),
        ("upstream", listed.source.as_deref()),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect();
    let purl = Purl::build(Parts {
        kind: match family {
            Family::Deb => "deb",
            Family::Rpm => "rpm",
        },
        namespace,
        name: &listed.name,
        version: Some(&listed.version),
        qualifiers: &qualifiers,
        subpath: None,
    });
    let version = match &listed.epoch {
        Some(epoch) => format!("{epoch}:{}", listed.version),
        None => listed.version.clone(),
    };
    Component {
        version: Some(version),
        purl: purl.ok().map(|it| it.to_string()),
        ..Component::new(ComponentKind::Package, listed.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name version [epoch] [arch]`, `-` where it is not installed.
    fn shown(listed: Option<Listed>) -> String {
        let Some(it) = listed else { return "?".to_owned() };
        let absent = if it.absent { "-" } else { "" };
        let epoch = it.epoch.map_or(String::new(), |it| format!("{it}:"));
        format!("{absent}{} {epoch}{} {}", it.name, it.version, it.architecture.unwrap_or_default())
    }

    #[test]
    fn every_form_of_an_rpm_line_names_the_same_package() {
        for line in [
            "openssl-libs-1.1.1k-7.el8_6.x86_64",
            "openssl-libs-1.1.1k-7.el8_6.x86_64      Tue 03 May 2022 10:11:12 AM CEST",
            "openssl-libs 1.1.1k 7.el8_6 x86_64",
            "openssl-libs|(none)|1.1.1k|7.el8_6|x86_64",
            "openssl-libs\t1.1.1k-7.el8_6\tx86_64",
            "openssl-libs.x86_64    1.1.1k-7.el8_6    @baseos",
        ] {
            assert_eq!(shown(rpm_line(line)), "openssl-libs 1.1.1k-7.el8_6 x86_64", "{line}");
        }
        assert_eq!(
            shown(rpm_line("openssl-1:1.1.1k-7.el8.x86_64")),
            "openssl 1:1.1.1k-7.el8 x86_64"
        );
        assert_eq!(
            shown(rpm_line("1:openssl-1.1.1k-7.el8.x86_64")),
            "openssl 1:1.1.1k-7.el8 x86_64"
        );
        assert_eq!(shown(rpm_line("a sentence about rpm")), "?");
        assert_eq!(shown(rpm_line("asset_id,model,serial,mac")), "?");
    }

    #[test]
    fn a_package_of_which_only_settings_remain_is_not_installed() {
        assert_eq!(
            shown(dpkg_line("ii  libc6:amd64   2.31-13+deb11u5   amd64   GNU C Library")),
            "libc6 2.31-13+deb11u5 amd64"
        );
        assert_eq!(shown(dpkg_line("rc  old-tool  1.0-1  all  tool")), "-old-tool 1.0-1 all");
        assert_eq!(
            shown(dpkg_line("hi  linux-image-amd64  5.10.162-1  amd64  kernel")),
            "linux-image-amd64 5.10.162-1 amd64"
        );
        assert_eq!(shown(dpkg_line("adduser\t3.118")), "adduser 3.118 ");
        assert_eq!(shown(dpkg_line("un  nothing  <none>  <none>  (no description)")), "?");
    }

    #[test]
    fn a_version_may_show_its_distribution() {
        let of = |family, version: &str| {
            shown_distribution(
                family,
                &[Listed { version: version.to_owned(), ..Listed::default() }],
            )
        };
        assert_eq!(of(Family::Deb, "2.31-13+deb11u5").as_deref(), Some("debian-11"));
        assert_eq!(of(Family::Deb, "3.0.2-0ubuntu1.8").as_deref(), Some("ubuntu"));
        assert_eq!(of(Family::Deb, "3.118"), None);
        assert_eq!(of(Family::Rpm, "1.1.1k-7.el8_6").as_deref(), Some("rhel"));
        assert_eq!(of(Family::Rpm, "3.1.1-4.fc40").as_deref(), Some("fedora-40"));
    }

    #[test]
    fn a_package_url_says_distribution_and_source() {
        let listed = Listed {
            name: "libssl3".into(),
            version: "3.0.2-0ubuntu1.8".into(),
            architecture: Some("amd64".into()),
            source: Some("openssl".into()),
            ..Listed::default()
        };
        let purl = package(Family::Deb, Some("ubuntu-22.04"), &listed).purl;
        assert_eq!(
            purl.as_deref(),
            Some(
                "pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1.8?arch=amd64&distro=ubuntu-22.04&upstream=openssl"
            )
        );
        assert_eq!(
            package(Family::Deb, None, &listed).purl.as_deref(),
            Some("pkg:deb/libssl3@3.0.2-0ubuntu1.8?arch=amd64&upstream=openssl")
        );
    }
}
