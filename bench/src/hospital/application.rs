//! The electronic health record: what it consists of, and what is installed on each part.
//!
//! Six servers (Debian, Red Hat, Windows), a database, an interface engine, a
//! medication module from another maker with its bill of materials, and a
//! telehealth part that its vendor runs and tells nothing about.

use super::Told;
use super::computers::full_name;
use super::sheet::{Sheet, add};
use crate::random::Random;

/// Documents about the parts, besides the sheet of applications itself.
struct Listing {
    name: &'static str,
    subject: &'static str,
    distribution: Option<&'static str>,
    source: &'static str,
    text: fn() -> Vec<u8>,
}

const LISTINGS: &[Listing] = &[
    Listing {
        name: "ehr-rpt-01-dpkg.txt",
        subject: "CI-40005",
        distribution: Some("debian-12"),
        source: "dpkg",
        text: || dpkg_list(REPORT_SERVER),
    },
    Listing {
        name: "ehr-if-01-dpkg.txt",
        subject: "CI-40008",
        distribution: Some("debian-11"),
        source: "dpkg",
        text: || dpkg_list(INTERFACE_ENGINE),
    },
    Listing {
        name: "ehr-web-01-rpm.txt",
        subject: "CI-40003",
        distribution: Some("rhel-8.10"),
        source: "rpm",
        text: || rpm_list(&[WEB_BASE, WEB_OLD_TOMCAT]),
    },
    Listing {
        name: "ehr-web-02-rpm.txt",
        subject: "CI-40004",
        distribution: Some("rhel-8.10"),
        source: "rpm",
        text: || rpm_list(&[WEB_BASE, WEB_MENDED_TOMCAT]),
    },
    Listing {
        name: "ehr-ref-01-rpm.txt",
        subject: "CI-40006",
        distribution: Some("rhel-9.4"),
        source: "rpm",
        text: || rpm_list(&[REFERENCE_SERVER]),
    },
    Listing {
        name: "ehr-app-01-software.csv",
        subject: "CI-40001",
        distribution: None,
        source: "windows-software",
        text: || windows_list("ehr-app-01", APPLICATION_SERVER),
    },
    Listing {
        name: "ehr-app-02-software.csv",
        subject: "CI-40002",
        distribution: None,
        source: "windows-software",
        text: || windows_list("ehr-app-02", APPLICATION_SERVER),
    },
];

const BILL_NAME: &str = "medication-module.cdx.json";
const MODULE_NUMBER: &str = "CI-40061";

pub(super) fn documents(seed: u64) -> Vec<(String, Vec<u8>)> {
    let mut documents = vec![
        ("applications.csv".to_owned(), applications()),
        (BILL_NAME.to_owned(), medication_module(seed)),
    ];
    documents.extend(LISTINGS.iter().map(|it| (it.name.to_owned(), (it.text)())));
    documents
}

pub(super) fn told(name: &str) -> Option<Told> {
    if name == BILL_NAME {
        return Some(Told {
            source: "sbom-medication-module",
            subject: Some(MODULE_NUMBER),
            distribution: None,
        });
    }
    let listing = LISTINGS.iter().find(|it| it.name == name)?;
    Some(Told {
        source: listing.source,
        subject: Some(listing.subject),
        distribution: listing.distribution,
    })
}

const HEADINGS: &[&str] = &[
    "asset_id",
    "host_name",
    "name",
    "part_of",
    "part_role",
    "managed_by",
    "owner",
    "data_class",
    "feeds",
    "reachable_by",
    "software",
    "software_version",
    "sbom",
    "device_class",
];

const RECORD: &str = "Clinical EHR";

/// One part: number, host, name, role, who runs it, data classes, what it feeds, who may reach it.
struct Part {
    number: &'static str,
    host: &'static str,
    name: &'static str,
    role: &'static str,
    managed_by: &'static str,
    data: &'static str,
    feeds: &'static str,
    reachable_by: &'static str,
}

#[rustfmt::skip]
const PARTS: &[Part] = &[
    Part { number: "CI-40001", host: "ehr-app-01", name: "EHR application node 1", role: "server", managed_by: "hospital", data: "PHI; therapy; workflow", feeds: "ehr-db-01", reachable_by: "" },
    Part { number: "CI-40002", host: "ehr-app-02", name: "EHR application node 2", role: "server", managed_by: "hospital", data: "PHI; therapy; workflow", feeds: "ehr-db-01", reachable_by: "" },
    Part { number: "CI-40003", host: "ehr-web-01", name: "EHR web front 1", role: "server", managed_by: "hospital", data: "PHI; credentials", feeds: "ehr-app-01", reachable_by: "portal" },
    Part { number: "CI-40004", host: "ehr-web-02", name: "EHR web front 2", role: "server", managed_by: "hospital", data: "PHI; credentials", feeds: "ehr-app-02", reachable_by: "portal" },
    Part { number: "CI-40005", host: "ehr-rpt-01", name: "EHR reports", role: "server", managed_by: "hospital", data: "PHI", feeds: "", reachable_by: "" },
    Part { number: "CI-40006", host: "ehr-ref-01", name: "EHR drug reference", role: "server", managed_by: "hospital", data: "workflow", feeds: "ehr-app-01", reachable_by: "vendor" },
    Part { number: "CI-40007", host: "ehr-db-01", name: "EHR database", role: "database", managed_by: "hospital", data: "PHI; therapy; credentials", feeds: "ehr-rpt-01", reachable_by: "" },
    Part { number: "CI-40008", host: "ehr-if-01", name: "EHR interface engine", role: "interface engine", managed_by: "hospital", data: "PHI; diagnosis; therapy", feeds: "lis-01; pacs-01; alaris-sm-01", reachable_by: "HIE" },
    Part { number: MODULE_NUMBER, host: "", name: "Medication module", role: "module", managed_by: "vendor", data: "PHI; therapy", feeds: "ehr-app-01; pyxis-es-01", reachable_by: "" },
    Part { number: "CI-40062", host: "", name: "Telehealth visits", role: "hosted part", managed_by: "vendor", data: "PHI; credentials", feeds: "ehr-if-01", reachable_by: "telehealth; vendor" },
];

/// The sheet that says what the record consists of.
fn applications() -> Vec<u8> {
    let mut sheet = Sheet::new(HEADINGS);
    for part in PARTS {
        let host = if part.host.is_empty() { String::new() } else { full_name(part.host) };
        sheet.row(&[
            ("asset_id", part.number),
            ("host_name", &host),
            ("name", part.name),
            ("part_of", RECORD),
            ("part_role", part.role),
            ("managed_by", part.managed_by),
            ("owner", "Clinical applications"),
            ("data_class", part.data),
            ("feeds", part.feeds),
            ("reachable_by", part.reachable_by),
            ("sbom", if part.number == MODULE_NUMBER { BILL_NAME } else { "" }),
            ("device_class", "EHR"),
        ]);
    }
    sheet.into_bytes()
}

/// Name, version and architecture of Debian packages.
type Deb = (&'static str, &'static str, &'static str);

#[rustfmt::skip]
const REPORT_SERVER: &[Deb] = &[
    ("adduser", "3.134", "all"), ("apache2", "2.4.59-1~deb12u1", "amd64"), ("apache2-bin", "2.4.59-1~deb12u1", "amd64"), ("apt", "2.6.1", "amd64"),
    ("base-files", "12.4+deb12u6", "amd64"), ("bash", "5.2.15-2+b7", "amd64"), ("bsdutils", "1:2.38.1-5+deb12u1", "amd64"), ("ca-certificates", "20230311", "all"),
    ("coreutils", "9.1-1", "amd64"), ("cron", "3.0pl1-162", "amd64"), ("curl", "7.88.1-10+deb12u5", "amd64"), ("dpkg", "1.21.22", "amd64"),
    ("fonts-dejavu-core", "2.37-6", "all"), ("gpgv", "2.2.40-1.1", "amd64"), ("gzip", "1.12-1", "amd64"), ("less", "590-2.1~deb12u2", "amd64"),
    ("libc6", "2.36-9+deb12u7", "amd64"), ("libc-bin", "2.36-9+deb12u7", "amd64"), ("libcurl4", "7.88.1-10+deb12u5", "amd64"), ("libexpat1", "2.5.0-1", "amd64"),
    ("libfreetype6", "2.12.1+dfsg-5", "amd64"), ("libgnutls30", "3.7.9-2+deb12u3", "amd64"), ("libpq5", "15.6-0+deb12u1", "amd64"), ("libsqlite3-0", "3.40.1-2", "amd64"),
    ("libssh2-1", "1.10.0-3+b1", "amd64"), ("libssl3", "3.0.11-1~deb12u2", "amd64"), ("libsystemd0", "252.26-1~deb12u2", "amd64"), ("libtiff6", "4.5.0-6+deb12u1", "amd64"),
    ("libxml2", "2.9.14+dfsg-1.3~deb12u1", "amd64"), ("linux-image-6.1.0-21-amd64", "6.1.90-1", "amd64"), ("login", "1:4.13+dfsg1-1+b1", "amd64"), ("openjdk-17-jre-headless", "17.0.11+9-1~deb12u1", "amd64"),
    ("openssh-client", "1:9.2p1-2+deb12u2", "amd64"), ("openssh-server", "1:9.2p1-2+deb12u2", "amd64"), ("openssl", "3.0.11-1~deb12u2", "amd64"), ("passwd", "1:4.13+dfsg1-1+b1", "amd64"),
    ("perl-base", "5.36.0-7+deb12u1", "amd64"), ("postgresql-15", "15.6-0+deb12u1", "amd64"), ("postgresql-client-15", "15.6-0+deb12u1", "amd64"), ("python3.11", "3.11.2-6", "amd64"),
    ("sudo", "1.9.13p3-1+deb12u1", "amd64"), ("systemd", "252.26-1~deb12u2", "amd64"), ("tar", "1.34+dfsg-1.2+deb12u1", "amd64"), ("tzdata", "2024a-0+deb12u1", "all"),
    ("util-linux", "2.38.1-5+deb12u1", "amd64"), ("vim-common", "2:9.0.1378-2", "all"), ("xz-utils", "5.4.1-0.2", "amd64"), ("zlib1g", "1:1.2.13.dfsg-1", "amd64"),
];

#[rustfmt::skip]
const INTERFACE_ENGINE: &[Deb] = &[
    ("apt", "2.2.4", "amd64"), ("base-files", "11.1+deb11u10", "amd64"), ("bash", "5.1-2+deb11u1", "amd64"), ("ca-certificates", "20210119", "all"),
    ("coreutils", "8.32-4+b1", "amd64"), ("curl", "7.74.0-1.3+deb11u11", "amd64"), ("dpkg", "1.20.13", "amd64"), ("gzip", "1.10-4+deb11u1", "amd64"),
    ("libc6", "2.31-13+deb11u8", "amd64"), ("libcurl4", "7.74.0-1.3+deb11u11", "amd64"), ("libgnutls30", "3.7.1-5+deb11u4", "amd64"), ("libssl1.1", "1.1.1w-0+deb11u1", "amd64"),
    ("libxml2", "2.9.10+dfsg-6.7+deb11u4", "amd64"), ("linux-image-5.10.0-28-amd64", "5.10.209-2", "amd64"), ("openjdk-11-jre-headless", "11.0.23+9-1~deb11u1", "amd64"), ("openssh-server", "1:8.4p1-5+deb11u3", "amd64"),
    ("openssl", "1.1.1w-0+deb11u1", "amd64"), ("postgresql-13", "13.14-0+deb11u1", "amd64"), ("sudo", "1.9.5p2-3+deb11u1", "amd64"), ("systemd", "247.3-7+deb11u5", "amd64"),
    ("tar", "1.34+dfsg-1+deb11u1", "amd64"), ("zlib1g", "1:1.2.11.dfsg-2+deb11u2", "amd64"),
];

/// As `dpkg -l` prints it (dpkg(1)).
fn dpkg_list(packages: &[Deb]) -> Vec<u8> {
    let mut text = "Desired=Unknown/Install/Remove/Purge/Hold\n\
        | Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n\
        |/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n\
        ||/ Name                        Version                    Architecture Description\n\
        +++-===========================-==========================-============-===========\n"
        .to_owned();
    for (name, version, architecture) in packages {
        add(&mut text, format_args!("ii  {name:<27} {version:<26} {architecture:<12} {name}\n"));
    }
    text.into_bytes()
}

#[rustfmt::skip]
const WEB_BASE: &[&str] = &[
    "audit-3.1.2-1.el8.x86_64", "bash-4.4.20-5.el8.x86_64", "bind-libs-9.11.36-14.el8_10.x86_64", "ca-certificates-2023.2.60_v7.0.306-80.0.el8_8.noarch",
    "chrony-4.5-1.el8.x86_64", "coreutils-8.30-15.el8.x86_64", "cronie-1.5.2-10.el8.x86_64", "curl-7.61.1-34.el8.x86_64",
    "dnf-4.7.0-20.el8.noarch", "expat-2.2.5-13.el8.x86_64", "glibc-2.28-251.el8_10.2.x86_64", "gnutls-3.6.16-8.el8_9.3.x86_64",
    "httpd-2.4.37-64.module+el8.10.0+21332+dfb1b40e.x86_64", "java-17-openjdk-headless-17.0.11.0.9-2.el8.x86_64", "kernel-core-4.18.0-553.el8_10.x86_64", "krb5-libs-1.18.2-27.el8_10.x86_64",
    "libcurl-7.61.1-34.el8.x86_64", "libssh-0.9.6-14.el8.x86_64", "libxml2-2.9.7-18.el8_10.1.x86_64", "nss-3.90.0-7.el8_10.x86_64",
    "openssh-8.0p1-24.el8.x86_64", "openssh-server-8.0p1-24.el8.x86_64", "openssl-1:1.1.1k-12.el8_9.x86_64", "openssl-libs-1:1.1.1k-12.el8_9.x86_64",
    "pam-1.3.1-33.el8.x86_64", "python3-libs-3.6.8-62.el8_10.x86_64", "rsyslog-8.2102.0-15.el8.x86_64", "sqlite-libs-3.26.0-19.el8_9.x86_64",
    "sudo-1.9.5p2-1.el8_9.x86_64", "systemd-239-82.el8.x86_64", "tzdata-2024a-1.el8.noarch", "zlib-1.2.11-25.el8.x86_64",
];

const WEB_OLD_TOMCAT: &[&str] =
    &["tomcat-1:9.0.62-27.el8_9.3.noarch", "tomcat-lib-1:9.0.62-27.el8_9.3.noarch"];
/// The release that Red Hat's advisory RHSA-2024:3666 names as fixed.
const WEB_MENDED_TOMCAT: &[&str] =
    &["tomcat-1:9.0.87-1.el8_10.1.noarch", "tomcat-lib-1:9.0.87-1.el8_10.1.noarch"];

#[rustfmt::skip]
const REFERENCE_SERVER: &[&str] = &[
    "bash-5.1.8-9.el9.x86_64", "ca-certificates-2024.2.69_v8.0.303-91.4.el9_4.noarch", "coreutils-8.32-35.el9.x86_64", "curl-7.76.1-29.el9_4.1.x86_64",
    "expat-2.5.0-2.el9_4.1.x86_64", "glibc-2.34-100.el9_4.3.x86_64", "kernel-core-5.14.0-427.26.1.el9_4.x86_64", "krb5-libs-1.21.1-2.el9_4.x86_64",
    "libxml2-2.9.13-6.el9_4.x86_64", "nginx-2:1.20.1-16.el9_4.1.x86_64", "openssh-8.7p1-38.el9_4.4.x86_64", "openssh-server-8.7p1-38.el9_4.4.x86_64",
    "openssl-1:3.0.7-27.el9.x86_64", "openssl-libs-1:3.0.7-27.el9.x86_64", "postgresql-server-13.16-1.el9_4.x86_64", "python3-libs-3.9.18-3.el9_4.5.x86_64",
    "sqlite-libs-3.34.1-7.el9_3.x86_64", "sudo-1.9.5p2-10.el9_3.x86_64", "systemd-252-32.el9_4.6.x86_64", "zlib-1.2.11-40.el9.x86_64",
];

/// As `rpm -qa --qf '%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH}\n'` or plain `rpm -qa` prints it.
fn rpm_list(lists: &[&[&str]]) -> Vec<u8> {
    let mut lines: Vec<&str> = lists.iter().flat_map(|list| list.iter().copied()).collect();
    lines.sort_unstable();
    let mut text = lines.join("\n");
    text.push('\n');
    text.into_bytes()
}

#[rustfmt::skip]
const APPLICATION_SERVER: &[(&str, &str, &str)] = &[
    ("Clinical EHR Application Services", "2025.2.1", "Example Health Records"),
    ("Microsoft .NET Framework 4.8", "4.8.03761", "Microsoft Corporation"),
    ("Microsoft Visual C++ 2015-2022 Redistributable (x64) - 14.36.32532", "14.36.32532.0", "Microsoft Corporation"),
    ("Microsoft ODBC Driver 17 for SQL Server", "17.10.4.1", "Microsoft Corporation"),
    ("Eclipse Temurin JRE with Hotspot 11.0.20+8 (x64)", "11.0.20.8", "Eclipse Adoptium"),
    ("Apache Tomcat 9.0", "9.0.85", "Apache Software Foundation"),
    ("OpenSSL 3.0.8 (64-bit)", "3.0.8", "OpenSSL Win64 Installer Team"),
    ("VMware Tools", "12.1.5.20735119", "VMware, Inc."),
    ("Mozilla Firefox ESR (x64 en-US)", "115.15.0", "Mozilla"),
    ("7-Zip 22.01 (x64)", "22.01", "Igor Pavlov"),
    ("Notepad++ (64-bit x64)", "8.5.4", "Notepad++ Team"),
    ("Splunk Universal Forwarder", "9.1.2.0", "Splunk, Inc."),
];

const WINDOWS_HEADINGS: &[&str] = &["ComputerName", "DisplayName", "DisplayVersion", "Publisher"];

/// As the uninstall entries of the registry are exported.
fn windows_list(host: &str, programs: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut sheet = Sheet::new(WINDOWS_HEADINGS);
    let computer = full_name(host);
    for (name, version, publisher) in programs {
        sheet.row(&[
            ("ComputerName", &computer),
            ("DisplayName", name),
            ("DisplayVersion", version),
            ("Publisher", publisher),
        ]);
    }
    sheet.into_bytes()
}

/// Libraries of one maker that share a version.
struct Family {
    group: &'static str,
    version: &'static str,
    artifacts: &'static [&'static str],
    /// Vendor and product of the CPE name, where the maker's tool wrote one.
    cpe: Option<(&'static str, &'static str)>,
}

#[rustfmt::skip]
const FAMILIES: &[Family] = &[
    Family { group: "org.springframework", version: "5.3.26", artifacts: &["spring-aop", "spring-beans", "spring-context", "spring-context-support", "spring-core", "spring-expression", "spring-jcl", "spring-jdbc", "spring-jms", "spring-messaging", "spring-orm", "spring-oxm", "spring-tx", "spring-web", "spring-webmvc", "spring-websocket"], cpe: Some(("vmware", "spring_framework")) },
    Family { group: "org.springframework.boot", version: "2.7.10", artifacts: &["spring-boot", "spring-boot-actuator", "spring-boot-actuator-autoconfigure", "spring-boot-autoconfigure", "spring-boot-starter", "spring-boot-starter-actuator", "spring-boot-starter-aop", "spring-boot-starter-cache", "spring-boot-starter-data-jpa", "spring-boot-starter-jdbc", "spring-boot-starter-jetty", "spring-boot-starter-json", "spring-boot-starter-log4j2", "spring-boot-starter-mail", "spring-boot-starter-security", "spring-boot-starter-validation", "spring-boot-starter-web"], cpe: None },
    Family { group: "org.springframework.data", version: "2.7.10", artifacts: &["spring-data-commons", "spring-data-jpa"], cpe: None },
    Family { group: "org.springframework.security", version: "5.7.8", artifacts: &["spring-security-config", "spring-security-core", "spring-security-crypto", "spring-security-ldap", "spring-security-web"], cpe: Some(("vmware", "spring_security")) },
    Family { group: "com.fasterxml.jackson.core", version: "2.9.4", artifacts: &["jackson-databind"], cpe: Some(("fasterxml", "jackson-databind")) },
    Family { group: "com.fasterxml.jackson.core", version: "2.9.4", artifacts: &["jackson-annotations", "jackson-core"], cpe: None },
    Family { group: "com.fasterxml.jackson.datatype", version: "2.9.4", artifacts: &["jackson-datatype-jdk8", "jackson-datatype-jsr310", "jackson-datatype-hibernate5"], cpe: None },
    Family { group: "com.fasterxml.jackson.dataformat", version: "2.9.4", artifacts: &["jackson-dataformat-xml", "jackson-dataformat-yaml", "jackson-dataformat-csv"], cpe: None },
    Family { group: "org.yaml", version: "1.24", artifacts: &["snakeyaml"], cpe: Some(("snakeyaml_project", "snakeyaml")) },
    Family { group: "com.google.guava", version: "31.1-jre", artifacts: &["guava"], cpe: Some(("google", "guava")) },
    Family { group: "commons-fileupload", version: "1.4", artifacts: &["commons-fileupload"], cpe: Some(("apache", "commons_fileupload")) },
    Family { group: "org.apache.struts", version: "2.5.33", artifacts: &["struts2-core"], cpe: Some(("apache", "struts")) },
    Family { group: "ca.uhn.hapi.fhir", version: "6.2.5", artifacts: &["hapi-fhir-base", "hapi-fhir-client", "hapi-fhir-server", "hapi-fhir-structures-dstu2", "hapi-fhir-structures-dstu3", "hapi-fhir-structures-r4", "hapi-fhir-structures-r5", "hapi-fhir-validation", "hapi-fhir-validation-resources-r4"], cpe: None },
    Family { group: "ca.uhn.hapi.fhir", version: "5.6.92", artifacts: &["org.hl7.fhir.convertors", "org.hl7.fhir.dstu2", "org.hl7.fhir.dstu3", "org.hl7.fhir.r4", "org.hl7.fhir.r5", "org.hl7.fhir.utilities", "org.hl7.fhir.validation"], cpe: None },
    Family { group: "ca.uhn.hapi", version: "2.3", artifacts: &["hapi-base", "hapi-structures-v23", "hapi-structures-v24", "hapi-structures-v25", "hapi-structures-v251", "hapi-structures-v26"], cpe: None },
    Family { group: "io.netty", version: "4.1.86.Final", artifacts: &["netty-buffer", "netty-codec", "netty-codec-dns", "netty-codec-http", "netty-codec-http2", "netty-codec-socks", "netty-common", "netty-handler", "netty-handler-proxy", "netty-resolver", "netty-resolver-dns", "netty-transport", "netty-transport-native-epoll", "netty-transport-native-unix-common"], cpe: None },
    Family { group: "org.eclipse.jetty", version: "9.4.50.v20221201", artifacts: &["jetty-client", "jetty-http", "jetty-io", "jetty-security", "jetty-server", "jetty-servlet", "jetty-util", "jetty-util-ajax", "jetty-webapp", "jetty-xml"], cpe: None },
    Family { group: "org.apache.logging.log4j", version: "2.19.0", artifacts: &["log4j-api", "log4j-core", "log4j-slf4j-impl", "log4j-jul"], cpe: None },
    Family { group: "org.slf4j", version: "1.7.36", artifacts: &["slf4j-api", "jcl-over-slf4j", "jul-to-slf4j"], cpe: None },
    Family { group: "org.hibernate", version: "5.6.14.Final", artifacts: &["hibernate-core", "hibernate-entitymanager", "hibernate-envers"], cpe: None },
    Family { group: "org.bouncycastle", version: "1.70", artifacts: &["bcprov-jdk15on", "bcpkix-jdk15on", "bcutil-jdk15on", "bcmail-jdk15on"], cpe: None },
    Family { group: "org.apache.commons", version: "3.12.0", artifacts: &["commons-lang3"], cpe: None },
    Family { group: "org.apache.commons", version: "4.4", artifacts: &["commons-collections4"], cpe: None },
    Family { group: "org.apache.commons", version: "1.10.0", artifacts: &["commons-text", "commons-csv"], cpe: None },
    Family { group: "org.apache.commons", version: "2.9.0", artifacts: &["commons-dbcp2", "commons-configuration2"], cpe: None },
    Family { group: "commons-io", version: "2.11.0", artifacts: &["commons-io"], cpe: None },
    Family { group: "commons-codec", version: "1.15", artifacts: &["commons-codec"], cpe: None },
    Family { group: "commons-net", version: "3.9.0", artifacts: &["commons-net"], cpe: None },
    Family { group: "org.apache.httpcomponents", version: "4.5.14", artifacts: &["httpclient", "httpmime", "fluent-hc"], cpe: None },
    Family { group: "org.apache.httpcomponents", version: "4.4.16", artifacts: &["httpcore", "httpcore-nio"], cpe: None },
    Family { group: "org.apache.activemq", version: "5.16.5", artifacts: &["activemq-broker", "activemq-client", "activemq-jms-pool", "activemq-kahadb-store", "activemq-openwire-legacy", "activemq-pool", "activemq-spring"], cpe: None },
    Family { group: "org.apache.camel", version: "3.14.7", artifacts: &["camel-api", "camel-base", "camel-bean", "camel-core", "camel-core-engine", "camel-core-model", "camel-direct", "camel-file", "camel-hl7", "camel-jms", "camel-mllp", "camel-spring", "camel-support", "camel-util"], cpe: None },
    Family { group: "org.apache.poi", version: "5.2.2", artifacts: &["poi", "poi-ooxml", "poi-ooxml-lite"], cpe: None },
    Family { group: "org.apache.pdfbox", version: "2.0.26", artifacts: &["pdfbox", "fontbox", "xmpbox"], cpe: None },
    Family { group: "org.apache.cxf", version: "3.5.4", artifacts: &["cxf-core", "cxf-rt-bindings-soap", "cxf-rt-frontend-jaxws", "cxf-rt-transports-http", "cxf-rt-ws-security"], cpe: None },
    Family { group: "org.dcm4che", version: "5.29.0", artifacts: &["dcm4che-core", "dcm4che-net", "dcm4che-image", "dcm4che-json", "dcm4che-hl7"], cpe: None },
    Family { group: "org.postgresql", version: "42.5.1", artifacts: &["postgresql"], cpe: None },
    Family { group: "com.oracle.database.jdbc", version: "19.18.0.0", artifacts: &["ojdbc8", "ucp"], cpe: None },
    Family { group: "com.zaxxer", version: "4.0.3", artifacts: &["HikariCP"], cpe: None },
    Family { group: "org.quartz-scheduler", version: "2.3.2", artifacts: &["quartz", "quartz-jobs"], cpe: None },
    Family { group: "com.thoughtworks.xstream", version: "1.4.20", artifacts: &["xstream"], cpe: None },
    Family { group: "org.json", version: "20220924", artifacts: &["json"], cpe: None },
    Family { group: "com.google.code.gson", version: "2.10", artifacts: &["gson"], cpe: None },
    Family { group: "com.squareup.okhttp3", version: "4.10.0", artifacts: &["okhttp", "logging-interceptor"], cpe: None },
    Family { group: "io.jsonwebtoken", version: "0.11.5", artifacts: &["jjwt-api", "jjwt-impl", "jjwt-jackson"], cpe: None },
    Family { group: "org.apache.velocity", version: "2.3", artifacts: &["velocity-engine-core"], cpe: None },
    Family { group: "org.freemarker", version: "2.3.31", artifacts: &["freemarker"], cpe: None },
    Family { group: "joda-time", version: "2.12.2", artifacts: &["joda-time"], cpe: None },
    Family { group: "org.javassist", version: "3.29.2-GA", artifacts: &["javassist"], cpe: None },
    Family { group: "org.aspectj", version: "1.9.19", artifacts: &["aspectjrt", "aspectjweaver"], cpe: None },
    Family { group: "io.micrometer", version: "1.10.2", artifacts: &["micrometer-core", "micrometer-observation", "micrometer-commons"], cpe: None },
    Family { group: "io.swagger.core.v3", version: "2.2.7", artifacts: &["swagger-annotations", "swagger-core", "swagger-models"], cpe: None },
    Family { group: "jakarta.xml.bind", version: "2.3.3", artifacts: &["jakarta.xml.bind-api"], cpe: None },
    Family { group: "org.glassfish.jaxb", version: "2.3.7", artifacts: &["jaxb-runtime", "txw2"], cpe: None },
    Family { group: "org.ehcache", version: "3.10.6", artifacts: &["ehcache"], cpe: None },
    Family { group: "org.liquibase", version: "4.17.2", artifacts: &["liquibase-core"], cpe: None },
    Family { group: "com.lowagie", version: "2.1.7", artifacts: &["itext"], cpe: None },
    Family { group: "org.jsoup", version: "1.15.3", artifacts: &["jsoup"], cpe: None },
    Family { group: "org.mozilla", version: "1.7.14", artifacts: &["rhino"], cpe: None },
];

/// The bill of materials that the maker of the medication module delivers (CycloneDX 1.5).
fn medication_module(seed: u64) -> Vec<u8> {
    let mut random = Random::of(seed, BILL_NAME);
    let mut text = format!(
        "{{\n\"bomFormat\": \"CycloneDX\",\n\"specVersion\": \"1.5\",\n\
         \"serialNumber\": \"urn:uuid:{:08x}-0000-4000-8000-{:012x}\",\n\"version\": 3,\n\
         \"metadata\": {{\"timestamp\": \"2026-06-30T09:00:00Z\", \"component\": {{\"bom-ref\": \"module\", \"type\": \"application\", \
         \"supplier\": {{\"name\": \"Example Medication Systems\"}}, \"name\": \"Medication module\", \"version\": \"7.4.2\"}}}},\n\
         \"components\": [\n",
        random.below(1 << 32),
        random.below(1 << 48),
    );
    let mut first = true;
    for family in FAMILIES {
        for artifact in family.artifacts {
            text.push_str(if first { "" } else { ",\n" });
            first = false;
            text.push_str(&component(family, artifact));
        }
    }
    text.push_str("\n]\n}\n");
    text.into_bytes()
}

fn component(family: &Family, artifact: &str) -> String {
    let (group, version) = (family.group, family.version);
    let purl = format!("pkg:maven/{group}/{artifact}@{version}");
    let cpe = family.cpe.map(|(vendor, product)| {
        format!(", \"cpe\": \"cpe:2.3:a:{vendor}:{product}:{version}:*:*:*:*:*:*:*\"")
    });
    format!(
        "{{\"type\": \"library\", \"bom-ref\": \"{purl}\", \"group\": \"{group}\", \"name\": \"{artifact}\", \
         \"version\": \"{version}\", \"purl\": \"{purl}\"{}}}",
        cpe.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_has_about_two_hundred_components() {
        let count: usize = FAMILIES.iter().map(|family| family.artifacts.len()).sum();
        assert!((190..230).contains(&count), "{count}");
    }

    #[test]
    fn every_listing_is_of_a_part_of_the_record() {
        for listing in LISTINGS {
            assert!(PARTS.iter().any(|part| part.number == listing.subject), "{}", listing.name);
        }
    }
}
