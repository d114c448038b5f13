//! The demo pack, file by file: `rules/demo-pack`, which says where each fact is from.

/// Name within the pack, and bytes.  Ordinary feed documents.
pub fn demo_pack() -> &'static [(&'static str, &'static [u8])] {
    PACK
}

macro_rules! pack {
    ($($name:literal,)*) => {
        &[$(($name, include_bytes!(concat!("../../rules/demo-pack/", $name))),)*]
    };
}

const PACK: &[(&str, &[u8])] = pack![
    "csaf/icsa-17-124-01.json",
    "csaf/icsa-18-191-03.json",
    "csaf/icsa-20-133-01.json",
    "csaf/icsa-22-109-02.json",
    "csaf/icsa-22-153-01.json",
    "csaf/icsa-22-207-04.json",
    "csaf/icsa-22-349-16.json",
    "csaf/icsa-23-012-06.json",
    "csaf/icsa-23-108-02.json",
    "csaf/icsa-23-234-02.json",
    "csaf/icsa-23-341-03.json",
    "csaf/icsa-24-151-01.json",
    "csaf/icsa-24-184-01.json",
    "csaf/icsa-24-214-05.json",
    "csaf/icsma-17-017-02.json",
    "csaf/icsma-17-215-02.json",
    "csaf/icsma-17-255-01.json",
    "csaf/icsma-18-058-01.json",
    "csaf/icsma-18-114-01.json",
    "csaf/icsma-18-123-01.json",
    "csaf/icsma-18-144-01.json",
    "csaf/icsma-18-156-01.json",
    "csaf/icsma-18-228-01.json",
    "csaf/icsma-18-235-01.json",
    "csaf/icsma-18-310-01.json",
    "csaf/icsma-19-022-01.json",
    "csaf/icsma-19-029-01.json",
    "csaf/icsma-19-190-01.json",
    "csaf/icsma-19-311-01.json",
    "csaf/icsma-19-318-01.json",
    "csaf/icsma-19-353-01.json",
    "csaf/icsma-20-023-01.json",
    "csaf/icsma-20-049-01.json",
    "csaf/icsma-20-049-02.json",
    "csaf/icsma-20-091-01.json",
    "csaf/icsma-20-170-02.json",
    "csaf/icsma-20-170-04.json",
    "csaf/icsma-20-177-01.json",
    "csaf/icsma-20-196-01.json",
    "csaf/icsma-20-254-01.json",
    "csaf/icsma-20-296-02.json",
    "csaf/icsma-20-317-01.json",
    "csaf/icsma-21-047-01.json",
    "csaf/icsma-21-084-01.json",
    "csaf/icsma-21-152-01.json",
    "csaf/icsma-21-161-01.json",
    "csaf/icsma-21-215-01.json",
    "csaf/icsma-21-273-01.json",
    "csaf/icsma-21-294-01.json",
    "csaf/icsma-21-313-01.json",
    "csaf/icsma-21-322-01.json",
    "csaf/icsma-21-355-01.json",
    "csaf/icsma-22-062-01.json",
    "csaf/icsma-22-151-02.json",
    "csaf/icsma-22-167-01.json",
    "csaf/icsma-22-263-01.json",
    "csaf/icsma-22-277-01.json",
    "csaf/icsma-22-335-01.json",
    "csaf/icsma-23-103-01.json",
    "csaf/icsma-23-117-01.json",
    "csaf/icsma-23-180-01.json",
    "csaf/icsma-24-151-02.json",
    "csaf/icsma-24-200-01.json",
    "cve/CVE-2020-14882.json",
    "cve/CVE-2021-34527.json",
    "cve/CVE-2022-2121.json",
    "cve/CVE-2023-20198.json",
    "cve/CVE-2023-20269.json",
    "cve/CVE-2023-21413.json",
    "cve/CVE-2023-22005.json",
    "cve/CVE-2023-22515.json",
    "cve/CVE-2023-22527.json",
    "cve/CVE-2023-27997.json",
    "cve/CVE-2023-28252.json",
    "cve/CVE-2023-34362.json",
    "cve/CVE-2023-36036.json",
    "cve/CVE-2023-3711.json",
    "cve/CVE-2023-3712.json",
    "cve/CVE-2023-40223.json",
    "cve/CVE-2023-40704.json",
    "cve/CVE-2023-43208.json",
    "cve/CVE-2023-5553.json",
    "cve/CVE-2023-6523.json",
    "cve/CVE-2023-6548.json",
    "cve/CVE-2024-0066.json",
    "cve/CVE-2024-1275.json",
    "cve/CVE-2024-1486.json",
    "cve/CVE-2024-21096.json",
    "cve/CVE-2024-21233.json",
    "cve/CVE-2024-21308.json",
    "cve/CVE-2024-21893.json",
    "cve/CVE-2024-23897.json",
    "cve/CVE-2024-27107.json",
    "cve/CVE-2024-27109.json",
    "cve/CVE-2024-28130.json",
    "cve/CVE-2024-28987.json",
    "cve/CVE-2024-2961.json",
    "cve/CVE-2024-29947.json",
    "cve/CVE-2024-30051.json",
    "cve/CVE-2024-30088.json",
    "cve/CVE-2024-34750.json",
    "cve/CVE-2024-37079.json",
    "cve/CVE-2024-38080.json",
    "cve/CVE-2024-38193.json",
    "cve/CVE-2024-38475.json",
    "cve/CVE-2024-38812.json",
    "cve/CVE-2024-40711.json",
    "cve/CVE-2024-4341.json",
    "cve/CVE-2024-43461.json",
    "cve/CVE-2024-43573.json",
    "cve/CVE-2024-45294.json",
    "cve/CVE-2024-4577.json",
    "cve/CVE-2024-6387.json",
    "cve/CVE-2024-7348.json",
    "cve/CVE-2024-9680.json",
    "endoflife.json",
    "epss_scores-2026-08-08.csv",
    "known_exploited_vulnerabilities.json",
    "modules_metadata_base.json",
    "nvd/nvd-cves-2.0.json",
    "vex/rhsa-2024_3666.json",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn the_list_names_every_file_of_the_folder() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/demo-pack");
        let mut on_disk = BTreeSet::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().unwrap() != "README.md" {
                    let name = path.strip_prefix(&root).unwrap();
                    on_disk.insert(name.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let listed = PACK.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(on_disk, listed);
    }

    #[test]
    fn the_pack_stays_small() {
        let bytes: usize = PACK.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes < 640_000, "{bytes} bytes");
    }
}
