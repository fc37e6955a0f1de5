//! The canonical path. S3 signs a path as it was sent, encoded once; every other service signs it without `.`, `..`
//! and empty segments, and encodes what is encoded already once more.

use super::is_s3;
use crate::percent::{decoded, encoded};
use std::borrow::Cow;

/// The path that is signed.
pub(super) fn canonical<'a>(path: &'a str, service: &str) -> Cow<'a, str> {
    match path {
        "" | "/" => "/".into(),
        path if is_s3(service) => verbatim(path).into(),
        path => normalised(path).into(),
    }
}

/// Each segment encoded once, whichever of its characters the client had encoded.
fn verbatim(path: &str) -> String {
    let segments: Vec<String> = path.split('/').map(|segment| encoded(&decoded(segment))).collect();
    segments.join("/")
}

fn normalised(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => _ = kept.pop(),
            segment => kept.push(segment),
        }
    }
    let mut out = String::from("/");
    for (place, segment) in kept.iter().enumerate() {
        out.push_str(if place == 0 { "" } else { "/" });
        out.push_str(&encoded(segment.as_bytes()));
    }
    if path.ends_with('/') && !kept.is_empty() {
        out.push('/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_and_encoded_twice_but_for_s3() {
        for (path, others, s3) in [
            ("/", "/", "/"),
            ("", "/", "/"),
            ("/a/b", "/a/b", "/a/b"),
            ("/a//b/", "/a/b/", "/a//b/"),
            ("/a/./b/../c", "/a/c", "/a/./b/../c"),
            ("/../..", "/", "/../.."),
            ("//", "/", "//"),
            ("/a%20b", "/a%2520b", "/a%20b"),
            ("/a+b*c~d", "/a%2Bb%2Ac~d", "/a%2Bb%2Ac~d"),
            ("/gr%C3%BCn", "/gr%25C3%25BCn", "/gr%C3%BCn"),
            ("/a%2fb", "/a%252fb", "/a%2Fb"),
            ("/50%", "/50%25", "/50%25"),
        ] {
            assert_eq!(canonical(path, "lambda"), others, "{path}");
            assert_eq!(canonical(path, "s3"), s3, "{path}");
        }
    }
}
