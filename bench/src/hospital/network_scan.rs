//! A network scan of the laboratory segment, as nmap writes it (`nmap -sV -O -oX`).

use super::sheet::add;
use crate::random::Random;

/// A host that answered: last number of its address, name, MAC and its open services.
struct Host {
    last: u8,
    name: &'static str,
    mac: &'static str,
    vendor: &'static str,
    os_cpe: &'static str,
    services: &'static [Service],
}

/// Port, service name, product, version, CPE.
type Service = (u16, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const HOSTS: &[Host] = &[
    Host { last: 1, name: "lab-gw", mac: "00:1B:54:9C:44:01", vendor: "Cisco Systems", os_cpe: "cpe:/o:cisco:ios:15.2", services: &[(22, "ssh", "Cisco SSH", "1.25", ""), (4786, "smart-install", "Cisco Smart Install", "", "")] },
    Host { last: 200, name: "", mac: "00:90:E8:31:10:05", vendor: "Moxa Technologies", os_cpe: "", services: &[(23, "telnet", "", "", ""), (80, "http", "Moxa httpd", "", ""), (4001, "tcpwrapped", "", "", "")] },
    Host { last: 201, name: "", mac: "00:90:E8:31:10:06", vendor: "Moxa Technologies", os_cpe: "", services: &[(80, "http", "Moxa httpd", "", ""), (4001, "tcpwrapped", "", "", "")] },
    Host { last: 210, name: "analyser-xn", mac: "00:0B:AB:20:31:10", vendor: "Advantech Technology", os_cpe: "cpe:/o:microsoft:windows_7::sp1", services: &[(135, "msrpc", "Microsoft Windows RPC", "", "cpe:/o:microsoft:windows"), (445, "microsoft-ds", "Microsoft Windows 7 - 10 microsoft-ds", "", "cpe:/o:microsoft:windows"), (3389, "ms-wbt-server", "Microsoft Terminal Services", "", "")] },
    Host { last: 211, name: "", mac: "00:0B:AB:20:31:11", vendor: "Advantech Technology", os_cpe: "cpe:/o:microsoft:windows_xp::sp3", services: &[(139, "netbios-ssn", "Microsoft Windows netbios-ssn", "", "cpe:/o:microsoft:windows"), (445, "microsoft-ds", "Microsoft Windows XP microsoft-ds", "", "cpe:/o:microsoft:windows_xp")] },
    Host { last: 220, name: "lab-print", mac: "00:10:40:51:00:02", vendor: "Intermec", os_cpe: "", services: &[(80, "http", "", "", ""), (9100, "jetdirect", "", "", "")] },
    Host { last: 230, name: "micro-mw", mac: "00:50:56:9A:10:30", vendor: "VMware", os_cpe: "cpe:/o:linux:linux_kernel:5.10", services: &[(22, "ssh", "OpenSSH", "8.4p1 Debian 5+deb11u3", "cpe:/a:openbsd:openssh:8.4p1"), (8080, "http", "Apache Tomcat", "9.0.43", "cpe:/a:apache:tomcat:9.0.43"), (6661, "unknown", "", "", "")] },
    Host { last: 240, name: "", mac: "B8:27:EB:4C:11:02", vendor: "Raspberry Pi Foundation", os_cpe: "cpe:/o:linux:linux_kernel:4.9", services: &[(22, "ssh", "OpenSSH", "7.4p1 Raspbian 10+deb9u7", "cpe:/a:openbsd:openssh:7.4p1"), (1883, "mqtt", "", "", "")] },
    Host { last: 241, name: "", mac: "", vendor: "", os_cpe: "", services: &[(104, "dicom", "", "", ""), (80, "http", "nginx", "1.18.0", "cpe:/a:igor_sysoev:nginx:1.18.0")] },
];

/// Start and end of the scan: 2026-08-09, 02:00 to 02:14 UTC.
const START: u64 = 1_786_240_800;
const END: u64 = START + 840;

pub(super) fn nmap(seed: u64) -> Vec<u8> {
    let mut random = Random::of(seed, "nmap");
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n\
         <nmaprun scanner=\"nmap\" args=\"nmap -sV -O -oX - 10.20.44.0/24\" start=\"{START}\" version=\"7.94\" xmloutputversion=\"1.05\">\n\
         <scaninfo type=\"syn\" protocol=\"tcp\" numservices=\"1000\" services=\"1-1024,1883,3389,4001,4786,6661,8080,9100\"/>\n"
    );
    for host in HOSTS {
        text.push_str(&host_xml(host, &mut random));
    }
    add(
        &mut text,
        format_args!(
            "<runstats><finished time=\"{END}\" elapsed=\"840\" exit=\"success\"/><hosts up=\"{0}\" down=\"{1}\" total=\"256\"/></runstats>\n</nmaprun>\n",
            HOSTS.len(),
            256 - HOSTS.len(),
        ),
    );
    text.into_bytes()
}

fn host_xml(host: &Host, random: &mut Random) -> String {
    let end = START + random.between(60, 800);
    let mut text = format!(
        "<host starttime=\"{START}\" endtime=\"{end}\"><status state=\"up\" reason=\"arp-response\" reason_ttl=\"0\"/>\n\
         <address addr=\"10.20.44.{}\" addrtype=\"ipv4\"/>\n",
        host.last
    );
    if !host.mac.is_empty() {
        add(
            &mut text,
            format_args!(
                "<address addr=\"{}\" addrtype=\"mac\" vendor=\"{}\"/>\n",
                host.mac, host.vendor
            ),
        );
    }
    text.push_str("<hostnames>");
    if !host.name.is_empty() {
        add(
            &mut text,
            format_args!("<hostname name=\"{}.hospital.example\" type=\"PTR\"/>", host.name),
        );
    }
    text.push_str("</hostnames>\n<ports>\n");
    for (port, name, product, version, cpe) in host.services {
        add(
            &mut text,
            format_args!(
                "<port protocol=\"tcp\" portid=\"{port}\"><state state=\"open\" reason=\"syn-ack\" reason_ttl=\"64\"/><service name=\"{name}\""
            ),
        );
        for (key, value) in [("product", product), ("version", version)] {
            if !value.is_empty() {
                add(&mut text, format_args!(" {key}=\"{value}\""));
            }
        }
        text.push_str(" method=\"probed\" conf=\"10\">");
        if !cpe.is_empty() {
            add(&mut text, format_args!("<cpe>{cpe}</cpe>"));
        }
        text.push_str("</service></port>\n");
    }
    text.push_str("</ports>\n");
    if !host.os_cpe.is_empty() {
        add(
            &mut text,
            format_args!(
                "<os><osmatch name=\"{0}\" accuracy=\"96\" line=\"1\"><osclass type=\"general purpose\" accuracy=\"96\"><cpe>{0}</cpe></osclass></osmatch></os>\n",
                host.os_cpe
            ),
        );
    }
    text.push_str("</host>\n");
    text
}
