//! Products that two catalogues call alike under vendors that are not called alike.
//!
//! "Fujidenolo" and "Fujidenolo Solutions", `postgresql` and "PostgreSQL Global Development
//! Group", `ssh2_project:ssh2` and the package `ssh2`, FortiOS of which an inventory names
//! no maker: the product's name is equal, and what is said of the vendor does not
//! contradict.  Equal names alone are never enough (`names.rs`).
//!
//! A product is filed under its bare name (`q:` keys) beside its full one; which of those
//! that share a bare name are meant is decided once for each distinct component.

use super::catalogue::is_distributed;
use super::names::{squash, tokens};
use super::platform::{architecture, family};
use super::subject::Known;
use super::word_class::{Class, class};
use exposome_model::inventory::ComponentKind;
use exposome_model::knowledge::Product;
use exposome_model::purl::Purl;

/// What is known of a component's maker.
pub(super) struct Maker<'a> {
    pub(super) kind: ComponentKind,
    /// By its one name; empty if nobody says.
    pub(super) vendor: &'a str,
    pub(super) purl: Option<&'a Purl>,
}

/// The key of a product by its bare name.
pub(super) fn bare_key(product: &str) -> String {
    format!("q:{product}")
}

/// Vendor and product of a full key (`n:fortinet:fortios`); nothing for other keys.
pub(super) fn parts_of_key(key: &str) -> Option<(&str, &str)> {
    let (vendor, product) = key.strip_prefix("n:")?.split_once(':')?;
    (!vendor.is_empty() && vendor != "?" && !product.is_empty()).then_some((vendor, product))
}

impl Maker<'_> {
    /// How surely a product of equal name, by another vendor, is the component.
    pub(super) fn may_be(&self, vendor: &str, product: &str, is_system: bool) -> Option<Known> {
        if let Some(purl) = self.purl {
            // What is said of a project upstream is only a reason to ask its distributor.
            let asked = is_distributed(purl).then_some(Known::LoneName);
            return asked.or_else(|| Some(library(purl, vendor, product)));
        }
        if self.vendor.is_empty() {
            let nameless = self.kind == ComponentKind::System && is_system;
            return nameless.then_some(Known::Name);
        }
        let (short, long) = if vendor.len() < self.vendor.len() {
            (vendor, self.vendor)
        } else {
            (self.vendor, vendor)
        };
        let near = short.len() >= SHORTEST_VENDOR && long.starts_with(short);
        (near && class(product) == Class::Brand).then_some(Known::Name)
    }
}

/// A shorter beginning is a coincidence.
const SHORTEST_VENDOR: usize = 4;

/// A library is told by its group, or by a project of its own; else its registry has to be named.
fn library(purl: &Purl, vendor: &str, product: &str) -> Known {
    let group = purl.namespace().unwrap_or_default();
    let of_group = squash(group) == vendor
        || group
            .split(['.', '/', '@'])
            .map(squash)
            .any(|part| part.len() > 2 && part == vendor && !NO_GROUP.contains(&part.as_str()));
    if of_group || vendor == product { Known::Name } else { Known::Namesake }
}

/// Parts of a group's name that name nobody.
const NO_GROUP: &[&str] =
    &["com", "org", "net", "github", "gitlab", "bitbucket", "www", "dev", "gopkg", "apps"];

/// The end of a device's name behind the brand of its family: `NAE55` of "Metasys NAE55", "Base Unit
/// Hub" of "Accu-Chek Inform II Base Unit Hub"; only ends that tell which device it is.
pub(super) fn tails(name: &str) -> Vec<String> {
    let words: Vec<&str> = tokens(name).collect();
    let tail = |skipped: usize| {
        let tail = words.get(skipped..)?;
        let is_model = |word: &str| {
            word.len() > 2
                && !is_revision(word)
                && word.contains(|c: char| c.is_ascii_digit())
                && word.contains(|c: char| c.is_ascii_alphabetic())
        };
        let brands = tail.iter().filter(|word| class(&word.to_lowercase()) == Class::Brand).count();
        let tells = match tail {
            [word] => is_model(word),
            _ => tail.len() > 2 || (brands >= 1 && tail.iter().any(|word| word.len() > 2)),
        };
        tells.then(|| tail.join(" "))
    };
    (1..words.len().min(5)).filter_map(tail).collect()
}

/// Names of several models in one, each in full: `PM23/43` is PM23 and PM43; `PC23/43, PD43` are three.
pub(super) fn models_in_full(name: &str) -> Vec<String> {
    if !name.contains(['/', ',']) {
        return Vec::new();
    }
    let mut models = Vec::new();
    for part in name.split(',').map(str::trim) {
        let (front, listed) = part.rsplit_once(' ').unwrap_or(("", part));
        let mut letters = "";
        for model in listed.split('/') {
            let digit = model.find(|c: char| c.is_ascii_digit());
            let full = match digit {
                Some(0) => format!("{letters}{model}"),
                Some(at) => {
                    letters = model.get(..at).unwrap_or_default();
                    model.to_owned()
                }
                None => model.to_owned(),
            };
            models.push(format!("{front} {full}").trim().to_owned());
        }
    }
    models.retain(|model| squash(model).len() > 2 && !is_revision(model));
    models
}

/// "Rev01" says which build of a model, not which model.
fn is_revision(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_lowercase();
    matches!(letters.trim(), "rev" | "revision" | "ver" | "version" | "v" | "release" | "rel")
}

/// What a product is called on each of its platforms, where these are no systems: "Camera Firmware" on
/// `BC500` is the BC500's, "Experion Server" of "Experion PKS" is the "Experion PKS Server".
pub(super) fn named_by_platform(product: &Product) -> Vec<String> {
    let name = product.name.as_deref().unwrap_or_default();
    let words: Vec<&str> = tokens(name).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Vec::new() };
    let is_firmware = last.eq_ignore_ascii_case("firmware");
    let named = |platform: &String| {
        if family(platform).is_some() || architecture(platform).is_some() {
            return None;
        }
        if is_firmware {
            return Some(platform.clone());
        }
        let asked: Vec<&str> = tokens(platform).collect();
        let same_brand = asked.len() > 1 && asked.first() == Some(first);
        let rest = words.iter().filter(|word| !asked.contains(word));
        same_brand.then(|| asked.iter().chain(rest).copied().collect::<Vec<_>>().join(" "))
    };
    product.platforms.iter().filter_map(named).collect()
}

/// Whether a short name is made of the beginnings of a long one's words: MONAI, "Medical Open Network for AI".
pub(super) fn stands_for(short: &str, words: &[&str]) -> bool {
    let Some((word, rest)) = words.split_first() else { return short.is_empty() };
    let skipped = matches!(*word, "for" | "of" | "the" | "and" | "a" | "in" | "on");
    let longest = short.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
    (skipped && stands_for(short, rest))
        || (1..=longest.min(MOST_LETTERS))
            .any(|taken| short.get(taken..).is_some_and(|left| stands_for(left, rest)))
}

/// No abbreviation takes more of one word.
const MOST_LETTERS: usize = 3;

/// The registry of packages that a CPE name's target software means, as the type of its PURLs.
pub(super) fn registry(target: &str) -> Option<&'static str> {
    let squashed = squash(target);
    REGISTRIES
        .iter()
        .find(|(_, words)| words.contains(&squashed.as_str()))
        .map(|(registry, _)| *registry)
}

/// Words for the registries (NVD's CPE dictionary, `target_sw`; anchore/nvd-data-overrides).
const REGISTRIES: &[(&str, &[&str])] = &[
    ("npm", &["nodejs", "node", "npm", "javascript"]),
    ("pypi", &["python", "pypi", "pip"]),
    ("maven", &["maven", "java"]),
    ("gem", &["ruby", "rubygems", "gem", "rubyonrails", "rails"]),
    ("nuget", &["net", "nuget", "netframework", "aspnet", "c#"]),
    ("cargo", &["rust", "cargo", "crates"]),
    ("golang", &["go", "golang"]),
    ("composer", &["php", "composer", "packagist"]),
    ("hex", &["erlang", "elixir", "hex"]),
    ("pub", &["dart", "flutter"]),
    ("wordpress", &["wordpress"]),
    ("drupal", &["drupal"]),
    ("joomla", &["joomla", "joomla!"]),
    ("jenkins", &["jenkins"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn maker<'a>(kind: ComponentKind, vendor: &'a str, purl: Option<&'a Purl>) -> Maker<'a> {
        Maker { kind, vendor, purl }
    }

    #[test]
    fn a_firm_may_leave_out_the_end_of_its_name() {
        let own = maker(ComponentKind::Application, "fujidenolo", None);
        assert_eq!(own.may_be("fujidenolosolutions", "viewer3000", false), Some(Known::Name));
        assert_eq!(own.may_be("siemens", "viewer3000", false), None);
        // "Server" by anybody is not one product.
        assert_eq!(own.may_be("fujidenolosolutions", "server", false), None);
    }

    #[test]
    fn a_system_without_a_maker_is_told_by_its_name() {
        assert_eq!(
            maker(ComponentKind::System, "", None).may_be("fortinet", "fortios", true),
            Some(Known::Name)
        );
        assert_eq!(
            maker(ComponentKind::Application, "", None).may_be("fortinet", "fortios", true),
            None
        );
    }

    #[test]
    fn a_library_is_told_by_its_group_or_its_project() {
        let check = |purl: &str, vendor: &str, product: &str, expected| {
            let purl = Purl::parse(purl).unwrap();
            let own = maker(ComponentKind::Package, "", Some(&purl));
            assert_eq!(own.may_be(vendor, product, false), Some(expected), "{purl:?}");
        };
        check("pkg:maven/org.apache.tomcat/tomcat@9", "apache", "tomcat", Known::Name);
        check("pkg:npm/ssh2@1.11.0", "ssh2", "ssh2", Known::Name);
        check("pkg:golang/github.com/moby/moby@v1", "moby", "moby", Known::Name);
        check("pkg:npm/express@4", "adobe", "express", Known::Namesake);
    }

    #[test]
    fn the_end_of_a_devices_name_may_tell_it() {
        assert_eq!(tails("Metasys NAE55"), ["NAE55"]);
        assert!(tails("Accu-Chek Inform II Base Unit Hub").contains(&"Base Unit Hub".to_owned()));
        assert!(tails("Infusion System").is_empty());
    }

    #[test]
    fn models_share_their_letters() {
        assert_eq!(models_in_full("PM23/43"), ["PM23", "PM43"]);
        assert_eq!(models_in_full("PC23/43, PD43"), ["PC23", "PC43", "PD43"]);
        assert_eq!(models_in_full("PX4ie/6ie"), ["PX4ie", "PX6ie"]);
        assert_eq!(models_in_full("RP2f/RP4f"), ["RP2f", "RP4f"]);
        assert!(models_in_full("Camera Firmware").is_empty());
        assert_eq!(models_in_full("KT1 Door Controller, Rev01"), ["KT1 Door Controller"]);
    }

    #[test]
    fn a_platform_may_be_the_model_or_the_edition() {
        let product = |name: &str, platform: &str| Product {
            name: Some(name.to_owned()),
            platforms: vec![platform.to_owned()],
            ..Product::default()
        };
        assert_eq!(named_by_platform(&product("Camera Firmware", "BC500")), ["BC500"]);
        assert_eq!(
            named_by_platform(&product("Experion Server", "Experion PKS")),
            ["Experion PKS Server"]
        );
        assert!(named_by_platform(&product("Viewer", "Windows")).is_empty());
        assert!(named_by_platform(&product("Viewer", "64 bit")).is_empty());
    }

    #[test]
    fn an_abbreviation_takes_the_beginnings_of_the_words() {
        assert!(stands_for("monai", &["medical", "open", "network", "for", "ai"]));
        assert!(!stands_for("fastify", &["fastify", "static"]));
    }
}
