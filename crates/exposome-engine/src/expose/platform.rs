//! Operating systems and architectures as advisories name them in passing.
//!
//! "x64-based Systems", `windows` as target software, `o:linux:linux_kernel:-` as
//! what a program runs on: a family, not a product.

use super::held::Held;
use super::subject::Subject;
use exposome_model::inventory::{Component, ComponentKind};

/// Does the asset fit?
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    /// The fact that would tell.
    Unknown(std::borrow::Cow<'static, str>),
    /// The document asks for something that is no system and no processor; a plainer document
    /// may do without it.
    Unread(std::borrow::Cow<'static, str>),
}

impl Fit {
    pub(super) fn unknown(fact: &'static str) -> Fit {
        Fit::Unknown(std::borrow::Cow::Borrowed(fact))
    }

    #[must_use]
    pub(super) fn not(self) -> Fit {
        match self {
            Fit::Yes => Fit::No,
            Fit::No => Fit::Yes,
            unknown @ (Fit::Unknown(_) | Fit::Unread(_)) => unknown,
        }
    }

    /// Both must hold.
    pub(super) fn and(self, other: Fit) -> Fit {
        match (self, other) {
            (Fit::No, _) | (_, Fit::No) => Fit::No,
            (Fit::Unknown(fact), _) | (_, Fit::Unknown(fact)) => Fit::Unknown(fact),
            (Fit::Unread(fact), _) | (_, Fit::Unread(fact)) => Fit::Unread(fact),
            (Fit::Yes, Fit::Yes) => Fit::Yes,
        }
    }

    /// One of them is enough.
    pub(super) fn or(self, other: Fit) -> Fit {
        match (self, other) {
            (Fit::Yes, _) | (_, Fit::Yes) => Fit::Yes,
            (Fit::Unknown(fact), _) | (_, Fit::Unknown(fact)) => Fit::Unknown(fact),
            (Fit::Unread(fact), _) | (_, Fit::Unread(fact)) => Fit::Unread(fact),
            (Fit::No, Fit::No) => Fit::No,
        }
    }
}

/// A family of operating systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Windows,
    Linux,
    MacOs,
    Ios,
    Android,
    Unix,
}

/// Words by which a family goes, in names of systems and in platforms; squashed.
const FAMILIES: &[(Family, &[&str])] = &[
    (Family::Windows, &["windows", "microsoftwindows", "win32", "win64"]),
    (
        Family::Linux,
        &[
            "linux",
            "linuxkernel",
            "ubuntu",
            "debian",
            "redhat",
            "redhatenterpriselinux",
            "rhel",
            "centos",
            "fedora",
            "suse",
            "sles",
            "opensuse",
            "rocky",
            "rockylinux",
            "alma",
            "almalinux",
            "oraclelinux",
            "amazonlinux",
            "alpine",
            "alpinelinux",
            "yocto",
            "gnulinux",
            "archlinux",
            "enterpriselinux",
            "linuxenterpriseserver",
        ],
    ),
    (Family::MacOs, &["macos", "macosx", "osx", "mac"]),
    (Family::Ios, &["ios", "iphoneos", "ipados", "iphone", "ipad"]),
    (Family::Android, &["android"]),
    (Family::Unix, &["unix", "aix", "solaris", "hpux", "freebsd", "openbsd", "netbsd"]),
];

/// The family a single word or a whole name stands for.
pub(super) fn family(text: &str) -> Option<Family> {
    let whole = super::names::squash(text);
    let named = |word: &str| {
        FAMILIES.iter().find(|(_, words)| words.contains(&word)).map(|(family, _)| *family)
    };
    named(&whole).or_else(|| {
        text.split(|c: char| !c.is_alphanumeric()).find_map(|word| named(&word.to_lowercase()))
    })
}

/// The family of a component that is an operating system.
pub(super) fn family_of(subject: &Subject, component: &Component) -> Option<Family> {
    if subject.windows.is_some() {
        return Some(Family::Windows);
    }
    match component.vendor.as_deref() {
        // Cisco's IOS is not Apple's.
        Some(vendor) if super::names::squash(vendor).starts_with("cisco") => None,
        _ => family(&component.name),
    }
}

/// One entry of a list of platforms.
pub(super) fn on_platform(text: &str, held: &Held<'_>) -> Fit {
    let component = held.component;
    let own =
        family_of(held.subject, component).filter(|_| component.kind == ComponentKind::System);
    let architecture = architecture(text);
    let system = match (family(text), own) {
        (None, _) => None,
        (Some(wanted), Some(own)) => Some(if wanted == own { Fit::Yes } else { Fit::No }),
        (Some(wanted), None) => Some(held.bill.runs(wanted)),
    };
    match (system, architecture) {
        (Some(system), None) => system,
        (Some(system), Some(wanted)) => system.and(wanted.of(component)),
        (None, Some(wanted)) => wanted.of(component),
        (None, None) if is_named_by(text, component) => Fit::Yes,
        (None, None) if EDITIONS.contains(&text.to_lowercase().as_str()) => {
            Fit::Unknown(held.fact(|| format!("edition: {text}")))
        }
        (None, None) => Fit::Unread(held.fact(|| format!("platform: {text}"))),
    }
}

/// Editions that publishers name where platforms belong (Citrix: certified builds of their own).
const EDITIONS: &[&str] = &["fips", "ndcpp"];

/// A platform that is a model ("Camera Firmware" on `BC500`) or the edition that the product
/// itself bears in its name ("Experion PKS").
fn is_named_by(platform: &str, component: &Component) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let own = words(&component.name);
    let asked = words(platform);
    !asked.is_empty() && asked.iter().all(|word| own.contains(word))
}

/// What kind of processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Architecture {
    X64,
    X86,
    Arm64,
    Itanium,
}

const ARCHITECTURES: &[(Architecture, &[&str])] = &[
    (Architecture::X64, &["x64", "amd64", "x86_64", "64-bit", "64bit", "64 bit"]),
    (Architecture::Arm64, &["arm64", "aarch64", "arm"]),
    (Architecture::Itanium, &["itanium", "ia64"]),
    (Architecture::X86, &["x86", "32-bit", "32bit", "32 bit", "i386", "x32"]),
];

/// The processor a text names.
pub(super) fn architecture(text: &str) -> Option<Architecture> {
    let lower = text.to_lowercase();
    ARCHITECTURES
        .iter()
        .find(|(_, words)| words.iter().any(|word| lower.contains(word)))
        .map(|(found, _)| *found)
}

impl Architecture {
    /// Where an inventory names no processor, the usual one is taken: 64 bits by Intel and AMD.
    pub(super) fn of(self, component: &Component) -> Fit {
        let said = architecture(&component.name)
            .or_else(|| component.cpe.as_deref().and_then(architecture));
        match said {
            Some(own) if own == self => Fit::Yes,
            Some(_) => Fit::No,
            None if self == Architecture::X64 => Fit::Yes,
            // A device has the processor that its maker built in.
            None if component.kind == ComponentKind::Device => Fit::Yes,
            None => Fit::unknown("processor architecture"),
        }
    }
}
