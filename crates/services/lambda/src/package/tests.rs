use super::*;
use std::io::Write;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An archive of names, modes and contents.
fn zip(entries: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, content) in entries {
        let options = SimpleFileOptions::default().unix_permissions(*mode);
        if mode & 0o170_000 == 0o120_000 {
            writer.add_symlink(*name, std::str::from_utf8(content).unwrap(), options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(content).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

fn refusal(zipped: &[u8]) -> String {
    check(zipped).map_or_else(|error| error.message.unwrap_or_default().into_owned(), |()| "taken".to_owned())
}

const UNREADABLE: &str = "Could not unzip uploaded file. Please check your file, then try to upload again.";

#[test]
fn a_package_is_files_folders_and_links_within_it() {
    let link = 0o120_777;
    let taken =
        zip(&[("index.py", 0o644, b"x"), ("lib/a.py", 0o644, b"y"), ("lib/b.py", link, b"../index.py")]);
    assert_eq!(refusal(&taken), "taken");
    assert_eq!(refusal(&zip(&[])), "taken");
}

#[test]
fn what_is_no_zip_is_refused() {
    for bytes in [&b""[..], b"PK", b"not a zip", &[0; 4096]] {
        assert_eq!(refusal(bytes), UNREADABLE);
    }
    let mut damaged = zip(&[("a", 0o644, &[7; 5000])]);
    damaged[40] ^= 0xFF;
    assert_eq!(refusal(&damaged), UNREADABLE);
}

#[test]
fn no_entry_leaves_the_package() {
    let link = 0o120_777;
    for (entries, why) in [
        (vec![("../a", 0o644, "")], "leads out of the package"),
        (vec![("a/../../b", 0o644, "")], "leads out of the package"),
        (vec![("/etc/passwd", 0o644, "")], "leads out of the package"),
        (vec![("a", link, "/etc")], "is a link that leads out"),
        (vec![("d/a", link, "../../etc")], "is a link that leads out"),
        (vec![("a", link, "b"), ("a/c", 0o644, "")], "lies below a file or a link"),
        (vec![("a", 0o644, ""), ("a/c", 0o644, "")], "lies below a file or a link"),
        (vec![("a/c", 0o644, ""), ("a", link, "b")], "is there twice"),
        (vec![("a", 0o644, ""), ("./a", 0o644, "")], "is there twice"),
    ] {
        let entries: Vec<_> =
            entries.iter().map(|(name, mode, text)| (*name, *mode, text.as_bytes())).collect();
        let text = refusal(&zip(&entries));
        assert!(text.starts_with(UNREADABLE) && text.contains(why), "{entries:?}: {text}");
    }
}

#[test]
fn bombs_are_counted_while_they_are_unpacked() {
    let zeros = vec![0; 64 * 1024 * 1024];
    let bomb = zip(&[("a", 0o644, &zeros), ("b", 0o644, &zeros), ("c", 0o644, &zeros), ("d", 0o644, &zeros)]);
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(refusal(&bomb), "Unzipped size must be smaller than 262144000 bytes");
    assert_eq!(refusal(&vec![0; ZIPPED_BYTES_MAX]), "Zipped size must be smaller than 52428800 bytes");
}
