//! A world and a fleet made from numbers that are the same in every run: 400,000 distinct components of four kinds,
//! and what is published of the products they are versions of.

use exposome_engine::expose::columns::{Dictionary, Fleet, Rows};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, Bound, CpeMatch, Node, Product, Statement, Status, Target, VersionRow,
    Versions,
};

/// splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Ranks, the first the most frequent.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(len: usize, exponent: f64) -> Zipf {
        let mut sum = 0.0;
        Zipf(
            (1..=len)
                .map(|rank| {
                    sum += 1.0 / (rank as f64).powf(exponent);
                    sum
                })
                .collect(),
        )
    }

    fn pick(&self, random: &mut Random) -> usize {
        let wanted = random.unit() * self.0.last().unwrap();
        self.0.partition_point(|&sum| sum < wanted).min(self.0.len() - 1)
    }
}

/// What there is: distinct components of four kinds, and the products they are versions of.
pub(crate) struct World {
    packages: Zipf,
    applications: Zipf,
    devices: Zipf,
    systems: Zipf,
    /// Products of which vulnerabilities are published.
    flawed: [Zipf; 4],
}

/// Distinct components and distinct products of a kind.
pub(crate) const PACKAGES: (usize, usize) = (330_000, 30_000);
pub(crate) const APPLICATIONS: (usize, usize) = (50_000, 6_000);
pub(crate) const DEVICES: (usize, usize) = (18_000, 3_000);
pub(crate) const SYSTEMS: (usize, usize) = (2_000, 60);

const ECOSYSTEMS: &[&str] = &[
    "npm",
    "npm",
    "npm",
    "npm",
    "maven/org.example",
    "maven/com.example",
    "pypi",
    "pypi",
    "deb/debian",
    "rpm/redhat",
    "golang/example.org",
];

impl World {
    pub(crate) fn new() -> World {
        let flawed = |(_, products): (usize, usize)| Zipf::new(products, 0.4);
        World {
            packages: Zipf::new(PACKAGES.0, 1.05),
            applications: Zipf::new(APPLICATIONS.0, 1.05),
            devices: Zipf::new(DEVICES.0, 1.05),
            systems: Zipf::new(SYSTEMS.0, 1.05),
            flawed: [flawed(PACKAGES), flawed(APPLICATIONS), flawed(DEVICES), flawed(SYSTEMS)],
        }
    }

    /// Systems first, then devices, applications, packages.
    pub(crate) fn components(dictionary: &mut Dictionary) {
        let mut random = Random(11);
        let mut fill = |(distinct, products): (usize, usize),
                        make: &dyn Fn(usize, String) -> Component| {
            for number in 0..distinct {
                let version = (0..)
                    .map(|try_| version(number, try_, &mut random))
                    .map(|version| make(number % products, version));
                let start = dictionary.len();
                for component in version {
                    dictionary.intern(&component);
                    if dictionary.len() > start {
                        break;
                    }
                }
            }
        };
        fill(SYSTEMS, &|product, version| {
            of_vendor(ComponentKind::System, product, "System", &version)
        });
        fill(DEVICES, &|product, version| {
            of_vendor(ComponentKind::Device, product, "Pump", &version)
        });
        fill(APPLICATIONS, &|product, version| {
            of_vendor(ComponentKind::Application, product, "Viewer", &version)
        });
        fill(PACKAGES, &|product, version| {
            let mut component = Component::new(ComponentKind::Package, format!("lib-{product}"));
            component.purl = Some(format!(
                "pkg:{}/lib-{product}@{version}",
                ECOSYSTEMS[product % ECOSYSTEMS.len()]
            ));
            component.version = Some(version);
            component
        });
    }

    /// Nine of ten assets are computers (a system, 9 applications, 40 packages), one is a device with packages.
    pub(crate) fn fleet(&self, assets: usize, distinct: usize, dictionary: &Dictionary) -> Fleet {
        let mut random = Random(13);
        let mut bills = Rows::with_capacity(distinct, distinct * 50);
        assert_eq!(
            dictionary.len(),
            SYSTEMS.0 + DEVICES.0 + APPLICATIONS.0 + PACKAGES.0,
            "every component is distinct"
        );
        let mut bill: Vec<u32> = Vec::with_capacity(50);
        for number in 0..distinct {
            bill.clear();
            let device = number % 10 == 0;
            bill.push(self.systems.pick(&mut random) as u32);
            while bill.len() < 50 {
                let component = match bill.len() {
                    1 if device => SYSTEMS.0 + self.devices.pick(&mut random),
                    2..10 if !device => SYSTEMS.0 + DEVICES.0 + self.applications.pick(&mut random),
                    _ => SYSTEMS.0 + DEVICES.0 + APPLICATIONS.0 + self.packages.pick(&mut random),
                };
                if !bill.contains(&(component as u32)) {
                    bill.push(component as u32);
                }
            }
            bill.sort_unstable();
            bills.push(bill.iter().copied());
        }
        let assets = (0..assets).map(|asset| (asset % distinct) as u32).collect();
        Fleet { bills, assets }
    }

    /// What is published of one vulnerability: a CVE record, NVD's configuration, for packages OSV's entry.
    pub(crate) fn advisories(
        &self,
        number: usize,
        random: &mut Random,
    ) -> impl Iterator<Item = Advisory> + use<> {
        let cve = format!("CVE-{}-{:05}", 2000 + number / 12_000, number % 100_000);
        let kind = match random.below(100) {
            0..62 => 0,
            62..90 => 1,
            90..98 => 2,
            _ => 3,
        };
        // What is much installed is not what is much published about: ranks are scattered.
        let products = [PACKAGES.1, APPLICATIONS.1, DEVICES.1, SYSTEMS.1][kind];
        let product = (self.flawed[kind].pick(random) * 7919 + 4711) % products;
        let (low, high) = range(random);
        match kind {
            0 => library(&cve, product, &low, &high),
            1 => application(&cve, product, &low, &high, random),
            2 => device(&cve, product, &high, random),
            _ => system(&cve, product, &low, &high),
        }
        .into_iter()
    }
}

/// Versions 0.0.0 to 9.19.39, spread so that a product has many neighbours.
fn version(number: usize, try_: usize, random: &mut Random) -> String {
    let _ = (number, try_);
    format!("{}.{}.{}", random.below(10), random.below(20), random.below(40))
}

/// A range that covers about half of the versions: most begin at the first.
fn range(random: &mut Random) -> (String, String) {
    let low = if random.chance(70) { 0 } else { random.below(8) };
    let high = low + 1 + random.below(10 - low);
    (format!("{low}.0.0"), format!("{high}.{}.{}", random.below(20), random.below(40)))
}

/// A made-up name of a product line; a maker's products share some tens of them.
fn line(product: usize) -> String {
    const FRONT: &[&str] = &[
        "Alar", "Bene", "Cardi", "Dyna", "Endo", "Flexi", "Gemi", "Helio", "Intelli", "Juno",
        "Kappa", "Lumi", "Magne",
    ];
    const BACK: &[&str] = &[
        "scope", "vue", "guard", "care", "flow", "pulse", "view", "sense", "port", "link", "max",
        "tron", "base",
    ];
    let line = product / 7;
    let tail = match line / (FRONT.len() * BACK.len()) {
        0 => String::new(),
        more => char::from(b'a' + (more % 26) as u8).to_string(),
    };
    format!("{}{}{tail}", FRONT[line % FRONT.len()], BACK[line / FRONT.len() % BACK.len()])
}

/// `Intelliguard Viewer 4711`.
fn name_of(noun: &str, product: usize) -> String {
    format!("{} {noun} {product}", line(product))
}

/// `intelliguard_viewer_4711`.
fn cpe_name(noun: &str, product: usize) -> String {
    name_of(noun, product).to_lowercase().replace(' ', "_")
}

fn of_vendor(kind: ComponentKind, product: usize, noun: &str, version: &str) -> Component {
    let mut component = Component::new(kind, name_of(noun, product));
    component.vendor = Some(format!("Vendor {} Inc.", product % 400));
    component.version = Some(version.to_owned());
    component
}

fn record(publisher: &str, kind: AdvisoryKind, cve: &str, statements: Vec<Statement>) -> Advisory {
    Advisory { statements, ..Advisory::new(publisher, kind, cve) }
}

fn bounds(low: &str, high: &str, scheme: &str) -> Versions {
    let bound = |version: &str, inclusive| Some(Bound { version: version.to_owned(), inclusive });
    Versions::Bounds {
        from: bound(low, true),
        to: bound(high, false),
        scheme: Some(scheme.to_owned()),
    }
}

fn about(product: Product, versions: Versions) -> Statement {
    let versions = vec![VersionRow { versions, status: Status::Affected }];
    Statement {
        target: Target::Product(Box::new(product)),
        default: Status::Unknown,
        versions,
        justification: None,
    }
}

fn leaf(cpe: String, low: Option<&str>, high: Option<&str>, vulnerable: bool) -> Node {
    let bound = |version: &str, inclusive| Bound { version: version.to_owned(), inclusive };
    Node::Match(CpeMatch {
        cpe,
        vulnerable,
        from: low.map(|low| bound(low, true)),
        to: high.map(|high| bound(high, false)),
    })
}

fn configuration(node: Node) -> Statement {
    Statement {
        target: Target::Configuration(node),
        default: Status::Affected,
        versions: Vec::new(),
        justification: None,
    }
}

fn library(cve: &str, product: usize, low: &str, high: &str) -> Vec<Advisory> {
    let purl = Product {
        purl: Some(format!("pkg:{}/lib-{product}", ECOSYSTEMS[product % ECOSYSTEMS.len()])),
        ..Product::default()
    };
    let named = Product {
        vendor: Some(format!("maker{}", product % 9000)),
        name: Some(format!("lib-{product}")),
        ..Product::default()
    };
    let cpe = format!("cpe:2.3:a:maker{}:lib-{product}:*:*:*:*:*:*:*:*", product % 9000);
    vec![
        record("osv", AdvisoryKind::Record, cve, vec![about(purl, bounds(low, high, "ECOSYSTEM"))]),
        record(
            "cve:github",
            AdvisoryKind::Record,
            cve,
            vec![about(named, bounds(low, high, "semver"))],
        ),
        record(
            "nvd",
            AdvisoryKind::Record,
            cve,
            vec![configuration(Node::Any(vec![leaf(cpe, Some(low), Some(high), true)]))],
        ),
    ]
}

fn application(
    cve: &str,
    product: usize,
    low: &str,
    high: &str,
    random: &mut Random,
) -> Vec<Advisory> {
    let named = Product {
        vendor: Some(format!("Vendor {}", product % 400)),
        name: Some(name_of("Viewer", product)),
        ..Product::default()
    };
    let name = |version: &str| {
        format!(
            "cpe:2.3:a:vendor_{}:{}:{version}:*:*:*:*:*:*:*",
            product % 400,
            cpe_name("Viewer", product)
        )
    };
    let mut leaves = vec![leaf(name("*"), Some(low), Some(high), true)];
    if random.chance(40) {
        let named =
            (0..random.below(24)).map(|_| leaf(name(&version(0, 0, random)), None, None, true));
        leaves.extend(named);
    }
    let mut node = Node::Any(leaves);
    if random.chance(12) {
        let system = random.below(SYSTEMS.1);
        let on = format!(
            "cpe:2.3:o:vendor_{}:{}:-:*:*:*:*:*:*:*",
            system % 400,
            cpe_name("System", system)
        );
        node = Node::All(vec![node, Node::Any(vec![leaf(on, None, None, false)])]);
    }
    vec![
        record(
            "cve:vendor",
            AdvisoryKind::Record,
            cve,
            vec![about(named, bounds(low, high, "custom"))],
        ),
        record("nvd", AdvisoryKind::Record, cve, vec![configuration(node)]),
    ]
}

fn device(cve: &str, product: usize, high: &str, random: &mut Random) -> Vec<Advisory> {
    let name = |part: &str, tail: &str, version: &str| {
        format!(
            "cpe:2.3:{part}:vendor_{}:{}{tail}:{version}:*:*:*:*:*:*:*",
            product % 400,
            cpe_name("Pump", product)
        )
    };
    let firmware = leaf(name("o", "_firmware", "*"), None, Some(high), true);
    let hardware = leaf(name("h", "", "-"), None, None, false);
    let node = Node::All(vec![Node::Any(vec![firmware]), Node::Any(vec![hardware])]);
    let mut documents = vec![record("nvd", AdvisoryKind::Record, cve, vec![configuration(node)])];
    if random.chance(5) {
        let named = Product {
            vendor: Some(format!("Vendor {}", product % 400)),
            name: Some(name_of("Pump", product)),
            ..Product::default()
        };
        let text = Versions::Text(format!("<= {high}"));
        documents.push(record("csaf:CISA", AdvisoryKind::Advisory, cve, vec![about(named, text)]));
    }
    documents
}

fn system(cve: &str, product: usize, low: &str, high: &str) -> Vec<Advisory> {
    let cpe = format!(
        "cpe:2.3:o:vendor_{}:{}:*:*:*:*:*:*:*:*",
        product % 400,
        cpe_name("System", product)
    );
    vec![record(
        "nvd",
        AdvisoryKind::Record,
        cve,
        vec![configuration(Node::Any(vec![leaf(cpe, Some(low), Some(high), true)]))],
    )]
}
