//! From a row of an inventory to what is installed.
//!
//! A row may speak of a device, of the computer it runs on and of a program on
//! it, all at once.  These rules say which word belongs to which:
//!
//! 1. **Device**, when a model is given, or a maker without a program, or a firmware version.
//!    Its version is the firmware's; where the row names no program, a
//!    "software version" is the device's own and is taken instead.  Both given and no
//!    program named: the software is a second component under the model's name.
//!    The options of a row are the device's, or the first program's where there is none.
//! 2. A device is also known by what the row calls it (`Alaris PC unit` of model
//!    `8015`), unless that looks like a tag or a host name.  With no model, the name
//!    stands for it.
//! 3. **System**, from `os` and `os_version`.
//! 4. **Application**, from each program in `software`.  Its vendor is the software
//!    vendor where there is such a column; the maker, where there is no model (the row is
//!    about the program) or where the program is the product's own: it bears the
//!    product's name.  A maker of a server is not the maker of the database on it.
//! 5. A program without a model, on a product whose name is another (`Capsule terminal
//!    server` with `Allegro RomPager`), makes a device of that name as well.
//! 6. A **CPE** belongs to what it describes: part `h`, and a product that is
//!    called firmware or like the model, to the device; part `o` to the system; part `a` to the
//!    program it names, or to the only program, or to the device of that name.  One that
//!    fits nothing is a component of its own.  It fills in a version that is
//!    not given elsewhere.
//! 7. A **package URL** belongs to the program of the row, else it is a package of its own.
//! 8. A program that a row is about is also known by what the row calls it, where that
//!    says more than the program's own name (`EncoreAnywhere APAC`).
//! 9. An **option** that names a part with a version (`Allegro RomPager 4.07`), or a module,
//!    is a component as well: its flaws are its own.

use super::values::{is_blank, squash};
use exposome_model::cpe::Cpe;
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::purl::Purl;
use jiff::civil::Date;

/// What one row says of installed things; every text is trimmed and not blank.
#[derive(Debug, Default)]
pub(crate) struct Installed<'r> {
    pub(crate) manufacturer: Option<&'r str>,
    pub(crate) model: Option<&'r str>,
    pub(crate) called: Option<&'r str>,
    pub(crate) firmware_version: Option<&'r str>,
    pub(crate) software: Option<&'r str>,
    pub(crate) software_version: Option<&'r str>,
    pub(crate) software_vendor: Option<&'r str>,
    pub(crate) os: Option<&'r str>,
    pub(crate) os_version: Option<&'r str>,
    pub(crate) cpes: Vec<&'r str>,
    pub(crate) purls: Vec<&'r str>,
    pub(crate) options: Vec<&'r str>,
    pub(crate) manufactured_on: Option<Date>,
}

/// The components of a row, and what in it could not be used.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Bill {
    pub(crate) components: Vec<Component>,
    pub(crate) doubts: Vec<Doubt>,
}

/// What in a row fits no component.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The value, and why it is none.
    NotACpe(String, String),
    NotAPurl(String, String),
    /// A version of nothing: `os_version` without `os`.
    VersionOfNothing(&'static str),
    /// As many programs as versions were expected.
    UnevenPrograms,
}

/// Applies the rules above.
pub(crate) fn components(row: &Installed<'_>) -> Bill {
    let mut bill = Bill::default();
    let programs = programs(row, &mut bill);
    bill.components.extend(device(row, &programs));
    bill.components.extend(own_software(row, &programs));
    bill.components.extend(system(row));
    if row.os.is_none() && row.os_version.is_some() {
        bill.doubts.push(Doubt::VersionOfNothing("os_version"));
    }
    let has_device = bill.components.iter().any(|it| it.kind == ComponentKind::Device);
    let mut left_options = if has_device {
        Vec::new()
    } else {
        row.options.iter().map(|it| (*it).to_owned()).collect()
    };
    for &(name, version) in &programs {
        let options = std::mem::take(&mut left_options);
        let vendor = program_vendor(row, name).map(str::to_owned);
        let version = version.map(str::to_owned);
        let called = row.called.filter(|it| {
            !has_device
                && !looks_like_a_tag(it)
                && squash(it) != squash(name)
                && same_product(it, name)
        });
        bill.components.push(Component {
            vendor,
            called: called.map(str::to_owned),
            version,
            options,
            ..Component::new(ComponentKind::Application, name)
        });
    }
    bill.components.extend(row.options.iter().filter_map(|option| part(option, row.manufacturer)));
    if bill.components.is_empty()
        && row.cpes.is_empty()
        && row.purls.is_empty()
        && row.software_version.is_some()
    {
        bill.doubts.push(Doubt::VersionOfNothing("software_version"));
    }
    for cpe in &row.cpes {
        match CpeName::parse(cpe) {
            Ok(name) => attach_cpe(&mut bill.components, cpe, &name),
            Err(why) => bill.doubts.push(Doubt::NotACpe((*cpe).to_owned(), why)),
        }
    }
    for purl in &row.purls {
        match Purl::parse(purl) {
            Ok(parts) => attach_purl(&mut bill.components, purl, &parts),
            Err(why) => bill.doubts.push(Doubt::NotAPurl((*purl).to_owned(), why.to_string())),
        }
    }
    bill
}

/// The programs of a row; one cell may list several, with as many versions or none.
fn programs<'r>(row: &Installed<'r>, bill: &mut Bill) -> Vec<(&'r str, Option<&'r str>)> {
    let Some(software) = row.software else { return Vec::new() };
    let list = |text: &'r str| {
        text.split([';', '\n']).map(str::trim).filter(|it| !is_blank(it)).collect::<Vec<_>>()
    };
    let names = list(software);
    let versions = row.software_version.map(list).unwrap_or_default();
    match (names.as_slice(), versions.as_slice()) {
        ([name], _) => vec![(*name, row.software_version)],
        (names, versions) if names.len() == versions.len() => {
            names.iter().copied().zip(versions.iter().copied().map(Some)).collect()
        }
        (names, versions) => {
            if !versions.is_empty() {
                bill.doubts.push(Doubt::UnevenPrograms);
            }
            names.iter().map(|name| (*name, None)).collect()
        }
    }
}

/// Rules 1, 2 and 5.
fn device(row: &Installed<'_>, programs: &[(&str, Option<&str>)]) -> Option<Component> {
    let called = row.called.filter(|it| !looks_like_a_tag(it));
    let about_a_program =
        !programs.is_empty() && row.model.is_none() && row.firmware_version.is_none();
    if about_a_program
        && (row.manufacturer.is_none() || called.is_none_or(|it| names_a_program(it, programs)))
    {
        return None;
    }
    if row.model.is_none() && row.manufacturer.is_none() && row.firmware_version.is_none() {
        return None;
    }
    // With nothing else to go by, what looks like a tag may be a model.
    let named = row.called.filter(|it| row.manufacturer.is_some() && may_be_a_model(it));
    let name = row.model.or(called).or(named).unwrap_or_default();
    let own_version = row.software_version.filter(|_| programs.is_empty());
    Some(Component {
        vendor: row.manufacturer.map(str::to_owned),
        called: called.filter(|it| squash(it) != squash(name)).map(str::to_owned),
        version: row.firmware_version.or(own_version).map(str::to_owned),
        options: row.options.iter().map(|it| (*it).to_owned()).collect(),
        manufactured_on: row.manufactured_on,
        ..Component::new(ComponentKind::Device, name)
    })
}

/// A device's own software beside its firmware.
fn own_software(row: &Installed<'_>, programs: &[(&str, Option<&str>)]) -> Option<Component> {
    row.firmware_version?;
    let version = row
        .software_version
        .filter(|it| programs.is_empty() && Some(*it) != row.firmware_version)?;
    let called = row.called.filter(|it| !looks_like_a_tag(it));
    let name = row.model.or(called)?;
    Some(Component {
        vendor: row.manufacturer.map(str::to_owned),
        called: called.filter(|it| squash(it) != squash(name)).map(str::to_owned),
        version: Some(version.to_owned()),
        ..Component::new(ComponentKind::Application, name)
    })
}

/// Rule 9: `MobileLink GEH-500 fw 1.54`, `wireless battery module v17`, `SpaceCom module`.
fn part(option: &str, manufacturer: Option<&str>) -> Option<Component> {
    let words: Vec<&str> = option.split_whitespace().collect();
    let (last, front) = words.split_last()?;
    let lower = |word: &str| word.trim_matches([',', ':', '.']).to_lowercase();
    let denied = words
        .iter()
        .any(|word| matches!(lower(word).as_str(), "no" | "not" | "without" | "none" | "disabled"));
    let introduced = front.last().is_some_and(|word| INTRODUCES_A_VERSION.contains(&&*lower(word)));
    let is_module = words.iter().any(|word| matches!(lower(word).as_str(), "module" | "modules"));
    let (name, version) = if is_version(last, introduced || is_module) {
        let introducing = |word: &&str| INTRODUCES_A_VERSION.contains(&&*lower(word));
        let end = front.len() - usize::from(front.last().is_some_and(introducing));
        (front.get(..end)?.join(" "), Some((*last).to_owned()))
    } else {
        (words.join(" "), None)
    };
    let named = name.chars().filter(|it| it.is_alphabetic()).count() >= 3;
    let tells = version.is_some() || (is_module && front.len() > 1);
    (named && tells && !denied).then(|| Component {
        vendor: manufacturer.map(str::to_owned),
        version,
        ..Component::new(ComponentKind::Application, name)
    })
}

const INTRODUCES_A_VERSION: &[&str] =
    &["fw", "firmware", "sw", "software", "version", "ver", "v", "rev", "revision", "release"];

/// `4.07`, `v17`; of a module or behind "firmware" also `D25` and `GEH-1.1`; not a part number.
fn is_version(word: &str, expected: bool) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let dotted = word.contains('.') && word.starts_with(|it: char| it.is_ascii_digit());
    let marked = word.strip_prefix(['v', 'V']).is_some_and(|it| it.starts_with(char::is_numeric));
    let revision = digits <= 3
        && (word.starts_with(|it: char| it.is_ascii_uppercase()) || digits == word.len());
    digits > 0 && (dotted || marked || (expected && (word.contains('.') || revision)))
}

/// Rule 3.
fn system(row: &Installed<'_>) -> Option<Component> {
    let version = row.os_version.map(str::to_owned);
    Some(Component { version, ..Component::new(ComponentKind::System, row.os?) })
}

/// Rule 4.
fn program_vendor<'r>(row: &Installed<'r>, program: &str) -> Option<&'r str> {
    let product_names = [row.model, row.called];
    let own = || product_names.iter().flatten().any(|it| same_product(it, program));
    row.software_vendor.or_else(|| row.manufacturer.filter(|_| row.model.is_none() || own()))
}

fn names_a_program(called: &str, programs: &[(&str, Option<&str>)]) -> bool {
    programs.iter().any(|(program, _)| same_product(called, program))
}

/// Whether two names are plainly of one product: one holds the other, most words are
/// shared, or one abbreviates the other (`ISCV`, `IntelliSpace` Cardiovascular).
fn same_product(one: &str, other: &str) -> bool {
    let (a, b) = (squash(one), squash(other));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() >= 3 && long.contains(short.as_str()) {
        return true;
    }
    let words = |text: &str| -> Vec<String> {
        text.split(|it: char| !it.is_alphanumeric())
            .filter(|it| !it.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (first, second) = (words(one), words(other));
    let shared = first.iter().filter(|word| second.contains(word)).count();
    (shared >= 2 && shared * 2 > first.len().min(second.len()))
        || abbreviates(one, &b)
        || abbreviates(other, &a)
        || has_initials(one, &second)
        || has_initials(other, &first)
}

/// Whether a word of a name is the initials of another name: `CIC Pro`, Clinical Information Center.
fn has_initials(name: &str, of: &[String]) -> bool {
    let initials: String = of.iter().filter_map(|word| word.chars().next()).collect();
    initials.len() >= 3
        && name
            .split_whitespace()
            .any(|word| word.chars().all(char::is_uppercase) && word.to_lowercase() == initials)
}

/// Three to six letters, mostly capitals, that stand in this order in the name and begin it.
fn abbreviates(short: &str, name: &str) -> bool {
    let letters = squash(short);
    let capitals = short.chars().filter(|it| it.is_uppercase()).count();
    let in_order = |letters: &str| {
        let mut rest = name.chars();
        letters.chars().all(|letter| rest.any(|it| it == letter))
    };
    (3..=6).contains(&letters.len())
        && capitals >= 3
        && letters.get(..1) == name.get(..1)
        && in_order(&letters)
}

/// Whether a name says which of many it is, not what it is: `case-001`, `SRV-EHR-03`, `icu3pump7.hospital.example`.
fn looks_like_a_tag(name: &str) -> bool {
    let one_word = !name.contains(char::is_whitespace);
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    one_word
        && (name.contains(['_', '.'])
            || (name.contains('-') && digits > 0)
            || digits * 2 > name.len())
}

/// `VC150`, `SX-500`: capitals and a number without a zero in front, at most one hyphen between.
fn may_be_a_model(name: &str) -> bool {
    let capitals = name.bytes().take_while(u8::is_ascii_uppercase).count();
    let number = name.get(capitals..).unwrap_or_default();
    let number = number.strip_prefix('-').unwrap_or(number);
    capitals > 0
        && number.starts_with(|it: char| it.is_ascii_digit() && it != '0')
        && number.bytes().all(|it| it.is_ascii_alphanumeric())
}

/// The parts of a CPE name that say what it describes.
struct CpeName {
    part: char,
    vendor: String,
    product: String,
    version: Option<String>,
}

impl CpeName {
    fn parse(cpe: &str) -> Result<CpeName, String> {
        let name = Cpe::parse(cpe).map_err(|error| error.to_string())?;
        match (name.part(), name.vendor(), name.product()) {
            (Some(part), Some(vendor), Some(product)) => Ok(CpeName {
                part,
                vendor: vendor.replace('_', " "),
                product: product.replace('_', " "),
                version: name.version().map(std::borrow::Cow::into_owned),
            }),
            _ => Err("it names no part, vendor or product".to_owned()),
        }
    }
}

/// Rule 6.
fn attach_cpe(components: &mut Vec<Component>, cpe: &str, name: &CpeName) {
    let of = |kind: ComponentKind| move |it: &&mut Component| it.kind == kind;
    let product = name.product.as_str();
    let firmware = squash(product).contains("firmware");
    let like = |it: &Component| {
        same_product(&it.name, product)
            || it.called.as_deref().is_some_and(|it| same_product(it, product))
    };
    let (kind, target) = match name.part {
        'h' => (ComponentKind::Device, components.iter_mut().find(of(ComponentKind::Device))),
        'o' => {
            let device = components
                .iter()
                .position(|it| it.kind == ComponentKind::Device && (firmware || like(it)));
            match device {
                Some(at) => (ComponentKind::Device, components.get_mut(at)),
                None if firmware => (ComponentKind::Device, None),
                None => {
                    (ComponentKind::System, components.iter_mut().find(of(ComponentKind::System)))
                }
            }
        }
        _ => {
            let programs = || {
                components
                    .iter()
                    .enumerate()
                    .filter(|(_, it)| it.kind == ComponentKind::Application)
            };
            let named = programs().find(|(_, it)| like(it));
            let only =
                programs().next().filter(|(_, it)| it.cpe.is_none() && programs().count() == 1);
            let device = || {
                components
                    .iter()
                    .enumerate()
                    .find(|(_, it)| it.kind == ComponentKind::Device && like(it))
            };
            let at = named.or(only).or_else(device).map(|(at, _)| at);
            (ComponentKind::Application, at.and_then(|at| components.get_mut(at)))
        }
    };
    match target {
        Some(target) if target.cpe.is_none() => {
            target.cpe = Some(cpe.to_owned());
            target.version = target.version.take().or_else(|| name.version.clone());
        }
        Some(target) => {
            let mut second = target.clone();
            second.cpe = Some(cpe.to_owned());
            second.version = name.version.clone().or(second.version);
            components.push(second);
        }
        None => components.push(described(kind, cpe, name)),
    }
}

fn described(kind: ComponentKind, cpe: &str, name: &CpeName) -> Component {
    Component {
        vendor: Some(name.vendor.clone()),
        version: name.version.clone(),
        cpe: Some(cpe.to_owned()),
        ..Component::new(kind, name.product.as_str())
    }
}

/// The component that a CPE name describes by itself.
pub(crate) fn component_of_cpe(cpe: &str) -> Option<Component> {
    let name = CpeName::parse(cpe).ok()?;
    let kind = match name.part {
        'h' => ComponentKind::Device,
        'o' if squash(&name.product).contains("firmware") => ComponentKind::Device,
        'o' => ComponentKind::System,
        _ => ComponentKind::Application,
    };
    Some(described(kind, cpe, &name))
}

/// Rule 7.
fn attach_purl(components: &mut Vec<Component>, purl: &str, parts: &Purl) {
    let distribution = matches!(parts.kind(), "deb" | "rpm" | "apk" | "alpm");
    let program = |it: &&mut Component| it.kind == ComponentKind::Application && it.purl.is_none();
    if let Some(program) = components.iter_mut().find(program) {
        program.purl = Some(purl.to_owned());
        program.version = program.version.take().or_else(|| parts.version().map(str::to_owned));
        if distribution {
            program.kind = ComponentKind::Package;
        }
        return;
    }
    components.push(Component {
        version: parts.version().map(str::to_owned),
        purl: Some(purl.to_owned()),
        ..Component::new(ComponentKind::Package, parts.name())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Components as `kind vendor/name (called) version cpe purl +options`, one a line.
    #[track_caller]
    fn check(row: &Installed<'_>, expected: &[&str]) {
        let bill = components(row);
        let lines: Vec<String> = bill
            .components
            .iter()
            .map(line)
            .chain(bill.doubts.iter().map(|it| format!("{it:?}")))
            .collect();
        assert_eq!(lines, expected);
    }

    fn line(it: &Component) -> String {
        let kind = format!("{:?}", it.kind);
        let mut line = format!("{kind} {}/{}", it.vendor.as_deref().unwrap_or("?"), it.name);
        for (before, text) in
            [(" = ", &it.called), (" @ ", &it.version), (" ", &it.cpe), (" ", &it.purl)]
        {
            if let Some(text) = text {
                line.push_str(before);
                line.push_str(text);
            }
        }
        for option in &it.options {
            line.push_str(" +");
            line.push_str(option);
        }
        line
    }

    fn row<'r>(manufacturer: &'r str, model: &'r str, called: &'r str) -> Installed<'r> {
        let some = |text: &'r str| (!text.is_empty()).then_some(text);
        Installed {
            manufacturer: some(manufacturer),
            model: some(model),
            called: some(called),
            ..Installed::default()
        }
    }

    #[test]
    fn a_pump_is_its_model_its_name_and_its_firmware() {
        let pump = Installed {
            firmware_version: Some("9.33"),
            options: vec!["wireless", "battery module 17"],
            ..row("BD", "8015", "Alaris PC unit")
        };
        check(
            &pump,
            &[
                "Device BD/8015 = Alaris PC unit @ 9.33 +wireless +battery module 17",
                "Application BD/battery module @ 17",
            ],
        );
    }

    #[test]
    fn a_part_with_a_version_of_its_own_is_a_component_too() {
        let options = vec![
            "MobileLink GEH-500 fw 1.54",
            "wireless battery module v17",
            "no SpaceCom module",
            "Agilia Connect WiFi module",
            "3rd Edition",
            "US release",
        ];
        let cart = Installed { options, ..row("GE", "MAC 3500", "") };
        let device = "Device GE/MAC 3500 +MobileLink GEH-500 fw 1.54 +wireless battery module v17 \
                      +no SpaceCom module +Agilia Connect WiFi module +3rd Edition +US release";
        check(
            &cart,
            &[
                device,
                "Application GE/MobileLink GEH-500 @ 1.54",
                "Application GE/wireless battery module @ v17",
                "Application GE/Agilia Connect WiFi module",
            ],
        );
    }

    #[test]
    fn a_program_is_also_known_by_what_the_row_calls_it() {
        let solution = Installed {
            software: Some("XDS"),
            software_version: Some("2019-2"),
            ..row("Philips", "", "Interoperability Solution XDS")
        };
        check(&solution, &["Application Philips/XDS = Interoperability Solution XDS @ 2019-2"]);
    }

    #[test]
    fn without_a_program_the_software_version_is_the_devices() {
        let monitor = Installed { software_version: Some("2.0"), ..row("GE", "B450", "ICU-3-M7") };
        check(&monitor, &["Device GE/B450 @ 2.0"]);
        let both = Installed { firmware_version: Some("1.9"), ..monitor };
        check(&both, &["Device GE/B450 @ 1.9", "Application GE/B450 @ 2.0"]);
    }

    #[test]
    fn the_maker_of_a_server_is_not_the_maker_of_its_database() {
        let server = Installed {
            os: Some("Windows Server 2016"),
            os_version: Some("1607"),
            software: Some("SQL Server 2017"),
            software_version: Some("14.0.1000"),
            ..row("Dell", "PowerEdge R740", "EHR database server")
        };
        check(
            &server,
            &[
                "Device Dell/PowerEdge R740 = EHR database server",
                "System ?/Windows Server 2016 @ 1607",
                "Application ?/SQL Server 2017 @ 14.0.1000",
            ],
        );
    }

    #[test]
    fn a_program_that_bears_the_products_name_is_the_makers() {
        let software = |software, version| Installed {
            software: Some(software),
            software_version: Some(version),
            ..Installed::default()
        };
        let dwp = Installed { ..row("Philips Healthcare", "DWP", "DoseWise Portal") };
        let dwp = Installed {
            manufacturer: dwp.manufacturer,
            model: dwp.model,
            called: dwp.called,
            ..software("DoseWise Portal", "2.1.1")
        };
        check(
            &dwp,
            &[
                "Device Philips Healthcare/DWP = DoseWise Portal",
                "Application Philips Healthcare/DoseWise Portal @ 2.1.1",
            ],
        );
        let iscv = Installed {
            manufacturer: Some("Philips"),
            called: Some("ISCV"),
            ..software("IntelliSpace Cardiovascular", "3.2")
        };
        check(&iscv, &["Application Philips/IntelliSpace Cardiovascular = ISCV @ 3.2"]);
        let tomcat = Installed {
            manufacturer: Some("Apache"),
            called: Some("case-001"),
            ..software("Apache Tomcat", "9.0.10")
        };
        check(&tomcat, &["Application Apache/Apache Tomcat @ 9.0.10"]);
    }

    #[test]
    fn a_program_on_a_product_of_another_name_leaves_both() {
        let server = Installed {
            software: Some("Allegro RomPager"),
            software_version: Some("3.10"),
            ..row("Qualcomm Life", "", "Capsule terminal server")
        };
        check(
            &server,
            &[
                "Device Qualcomm Life/Capsule terminal server",
                "Application Qualcomm Life/Allegro RomPager @ 3.10",
            ],
        );
    }

    #[test]
    fn a_maker_alone_is_a_device_of_the_name_it_is_called_by() {
        check(&row("GE", "", "Discovery NM530c"), &["Device GE/Discovery NM530c"]);
        check(&row("GE", "", "SRV-EHR-03"), &["Device GE/"]);
        check(&row("Innokas", "", "VC150"), &["Device Innokas/VC150"]);
        check(&row("Silex", "", "SX-500"), &["Device Silex/SX-500"]);
        check(&row("", "", "Discovery NM530c"), &[]);
    }

    #[test]
    fn a_cpe_goes_to_what_it_describes() {
        let pump = Installed {
            cpes: vec![
                "cpe:2.3:h:bd:alaris_8015_pcu:-:*:*:*:*:*:*:*",
                "cpe:2.3:o:bd:alaris_8015_pcu_firmware:9.19:*:*:*:*:*:*:*",
                "cpe:2.3:o:linux:linux_kernel:2.6.30:*:*:*:*:*:*:*",
                "cpe:2.3:a:openssl:openssl:1.0.2zk:*:*:*:*:*:*:*",
            ],
            firmware_version: Some("9.33"),
            ..row("BD", "8015", "")
        };
        check(
            &pump,
            &[
                "Device BD/8015 @ 9.33 cpe:2.3:h:bd:alaris_8015_pcu:-:*:*:*:*:*:*:*",
                "Device BD/8015 @ 9.19 cpe:2.3:o:bd:alaris_8015_pcu_firmware:9.19:*:*:*:*:*:*:*",
                "System linux/linux kernel @ 2.6.30 cpe:2.3:o:linux:linux_kernel:2.6.30:*:*:*:*:*:*:*",
                "Application openssl/openssl @ 1.0.2zk cpe:2.3:a:openssl:openssl:1.0.2zk:*:*:*:*:*:*:*",
            ],
        );
    }

    #[test]
    fn a_cpe_completes_the_program_it_names() {
        let tomcat = Installed {
            software: Some("Apache Tomcat"),
            cpes: vec!["cpe:/a:apache:tomcat:8.5.39"],
            ..Installed::default()
        };
        check(&tomcat, &["Application ?/Apache Tomcat @ 8.5.39 cpe:/a:apache:tomcat:8.5.39"]);
        let windows = Installed {
            os: Some("Windows 10"),
            cpes: vec!["cpe:2.3:o:microsoft:windows_10_21h2:-:*:*:*:*:*:*:*"],
            ..Installed::default()
        };
        check(
            &windows,
            &["System ?/Windows 10 cpe:2.3:o:microsoft:windows_10_21h2:-:*:*:*:*:*:*:*"],
        );
    }

    #[test]
    fn a_cpe_alone_is_a_component() {
        let alone = |cpe| Installed { cpes: vec![cpe], ..Installed::default() };
        check(
            &alone("cpe:2.3:a:apache:tomcat:8.5.39:*:*:*:*:*:*:*"),
            &["Application apache/tomcat @ 8.5.39 cpe:2.3:a:apache:tomcat:8.5.39:*:*:*:*:*:*:*"],
        );
        check(
            &alone("cpe:2.3:a:a\\:b:c\\+\\+:1:*"),
            &["Application a:b/c++ @ 1 cpe:2.3:a:a\\:b:c\\+\\+:1:*"],
        );
        check(
            &alone("cpe:2.3:x:a:b"),
            &[
                "NotACpe(\"cpe:2.3:x:a:b\", \"the part is \\\"x\\\": a, o, h, * or - was expected\")",
            ],
        );
        check(
            &alone("cpe:2.3:a:*:*"),
            &["NotACpe(\"cpe:2.3:a:*:*\", \"neither vendor nor product is named\")"],
        );
    }

    #[test]
    fn a_package_url_belongs_to_the_program_of_its_row() {
        let openssl = Installed {
            software: Some("openssl"),
            purls: vec!["pkg:deb/debian/openssl@1.1.1n-0%2Bdeb11u3?distro=debian-11"],
            ..Installed::default()
        };
        check(
            &openssl,
            &[
                "Package ?/openssl @ 1.1.1n-0+deb11u3 pkg:deb/debian/openssl@1.1.1n-0%2Bdeb11u3?distro=debian-11",
            ],
        );
        let alone = Installed {
            purls: vec!["pkg:npm/%40angular/animation@12.3.1", "pkg:npm"],
            ..Installed::default()
        };
        check(
            &alone,
            &[
                "Package ?/animation @ 12.3.1 pkg:npm/%40angular/animation@12.3.1",
                "NotAPurl(\"pkg:npm\", \"a package URL without a name\")",
            ],
        );
    }

    #[test]
    fn several_programs_in_one_cell_need_as_many_versions() {
        let several = |versions| Installed {
            software: Some("IIS; SQL Server"),
            software_version: versions,
            ..Installed::default()
        };
        check(
            &several(Some("10; 2016")),
            &["Application ?/IIS @ 10", "Application ?/SQL Server @ 2016"],
        );
        check(
            &several(Some("10")),
            &["Application ?/IIS", "Application ?/SQL Server", "UnevenPrograms"],
        );
    }

    #[test]
    fn a_version_of_nothing_is_said_to_be_one() {
        let alone = Installed {
            os_version: Some("7"),
            software_version: Some("1"),
            ..Installed::default()
        };
        check(
            &alone,
            &["VersionOfNothing(\"os_version\")", "VersionOfNothing(\"software_version\")"],
        );
    }

    #[test]
    fn a_tag_or_host_name_is_not_a_product_name() {
        for tag in ["case-001", "SRV-EHR-03", "pump7.icu.example", "00123", "ICU_PUMP"] {
            assert!(looks_like_a_tag(tag), "{tag}");
        }
        for name in
            ["Xcelera", "MERLIN@HOME", "Discovery NM530c", "SpaceStation w/ SpaceCom", "ISCV"]
        {
            assert!(!looks_like_a_tag(name), "{name}");
        }
    }
}
