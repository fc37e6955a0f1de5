//! What is wrong with a document, in the words that IAM has for it, and which of two faults is reported.

use policy::{Kind, Policy};

/// A document around the members of one statement.
fn around(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{{statement}}}}}"#)
}

fn fault(text: &str, kind: Kind) -> String {
    Policy::parse(text, kind).map_or_else(|fault| fault.to_string(), |_| "fine".to_owned())
}

fn of_statement(statement: &str) -> String {
    fault(&around(statement), Kind::Identity)
}

const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

#[test]
fn forms_of_documents() {
    let version = "Policy document must be version 2012-10-17 or greater.";
    for (text, expected) in [
        ("", SYNTAX),
        ("x", SYNTAX),
        ("[]", SYNTAX),
        ("{}", SYNTAX),
        (r#"{"Version":"2012-10-17"}"#, SYNTAX),
        (r#"{"Version":"2012-10-17","Statement":[]}"#, SYNTAX),
        (r#"{"Version":"2012-10-17","Statement":["x"]}"#, SYNTAX),
        (r#"{"Version":"2012-10-17","Statement":[],"More":1}"#, SYNTAX),
        (r#"{"Version":"2013","Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}"#, SYNTAX),
        (
            r#"{"Version":"2012-10-17","Id":1,"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}"#,
            SYNTAX,
        ),
        (r#"{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}"#, version),
        (r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}"#, version),
        (r#"{"Version":"2008-10-17","Statement":{"Effect":"allow","Action":"a:b","Resource":"*"}}"#, version),
        (r#"{"Version":"2008-10-17","Statement":{"Effect":"no","Action":"a:b","Resource":"*"}}"#, SYNTAX),
        (
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Effect":"Allow","Action":"a:b","Resource":"*"}}"#,
            SYNTAX,
        ),
        (
            "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a:\u{3b1}\",\"Resource\":\"*\"}}",
            SYNTAX,
        ),
        (
            r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}"#,
            "fine",
        ),
    ] {
        assert_eq!(fault(text, Kind::Identity), expected, "{text}");
    }
    assert_eq!(fault(&"[".repeat(100_000), Kind::Identity), SYNTAX);
    assert_eq!(fault(&" ".repeat(200_000), Kind::Identity), "Maximum policy size of 131072 bytes exceeded");
}

#[test]
fn forms_of_statements() {
    let allow = |rest: &str| of_statement(&format!(r#""Effect":"Allow",{rest}"#));
    for (rest, expected) in [
        (r#""Action":"a:b","Resource":"*""#, "fine"),
        (r#""Action":["a:b","*"],"Resource":["*","arn:aws:s3:::b/*"]"#, "fine"),
        (r#""NotAction":"a:b","NotResource":"arn:aws:s3:::b""#, "fine"),
        (r#""Sid":"One1","Action":"a:b","Resource":"*","Condition":{}"#, "fine"),
        (r#""Sid":1,"Action":"a:b","Resource":"*""#, SYNTAX),
        (r#""Action":"a:b","NotAction":"a:c","Resource":"*""#, SYNTAX),
        (r#""Action":"a:b","Resource":"*","NotResource":[]"#, SYNTAX),
        (r#""Action":"a:b","Resource":{"x":"y"}"#, SYNTAX),
        (r#""Action":"a:b","Resource":[1]"#, SYNTAX),
        (r#""Action":1,"Resource":"*""#, SYNTAX),
        (r#""Action":"a:b","Resource":"*","Other":1"#, SYNTAX),
        (r#""Action":"a:b","Resource":"*","Condition":"x""#, SYNTAX),
        (r#""Action":"a:b","Resource":"*","Condition":{"x":{"k":"v"}}"#, SYNTAX),
        (r#""Action":"a:b","Resource":"*","Condition":{"StringEquals":"v"}"#, SYNTAX),
        (r#""Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":{}}}"#, SYNTAX),
        (
            r#""Action":"a:b","Resource":"*","Condition":{"ForAnyValue::StringEqualsIfExists":{"k":"v"}}"#,
            SYNTAX,
        ),
        (r#""Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":[true,1,"v"]}}"#, "fine"),
        (r#""Action":"a:b","Resource":"*","Condition":{"IpAddress":{"k":"300.0.0.0/8"}}"#, SYNTAX),
        (r#""Action":"a:b","Resource":"*","Condition":{"DateGreaterThan":{"k":"soon"}}"#, LEGACY),
        (
            r#""Action":"a:b","Resource":"*","Condition":{"DateGreaterThan":{"k":"99999999999999999999"}}"#,
            LEGACY,
        ),
        (r#""Action":"a:b","Resource":"arn:aws:s3::b""#, LEGACY),
        (r#""Resource":"*""#, "Policy statement must contain actions."),
        (r#""Action":[],"Resource":"*""#, "Policy statement must contain actions."),
        (r#""Action":"a:b""#, "Policy statement must contain resources."),
        (r#""Action":"a:b","Resource":[]"#, "Policy statement must contain resources."),
        (r#""Action":"ab","Resource":"*""#, VENDOR),
        (r#""Action":"","Resource":"*""#, VENDOR),
        (r#""Action":"a a:b","Resource":"*""#, "Vendor a a is not valid"),
        (r#""Action":"a:b:c","Resource":"*""#, "Actions/Condition can contain only one colon."),
        (r#""Action":"a:b","Resource":"bucket""#, "Resource bucket must be in ARN format or \"*\"."),
        (
            r#""Action":"a:b","Resource":"arn:b:cadfsdf""#,
            "Partition \"b\" is not valid for resource \"arn:b:cadfsdf:*:*:*\".",
        ),
        (
            r#""Action":"a:b","Resource":"arn:aws""#,
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ),
        (
            r#""Action":"a:b","Resource":"arn:aws:iam:us-east-1:1:user/x""#,
            "IAM resource arn:aws:iam:us-east-1:1:user/x cannot contain region information.",
        ),
        (
            r#""Action":"a:b","Resource":"arn:aws:s3:us-east-1::b""#,
            "Resource arn:aws:s3:us-east-1::b can not contain region information.",
        ),
        (
            r#""Sid":"a b","Action":"a:b","Resource":"*""#,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
        ),
        (
            r#""Action":"a:b","Resource":"*","Principal":"*""#,
            "Policy document should not specify a principal.",
        ),
    ] {
        assert_eq!(allow(rest), expected, "{rest}");
    }
    assert!(allow(r#""Action":"a:b","Resource":"arn:aws:iam::1:x/y""#).starts_with("IAM resource path must"));
    assert_eq!(of_statement(r#""Effect":"denY","Action":"a:b","Resource":"*""#), LEGACY);
    assert_eq!(of_statement(r#""Action":"a:b","Resource":"*""#), SYNTAX);
}

#[test]
fn the_first_fault_is_told() {
    // Form before legacy parsing, that before actions, actions before missing resources, those before ids.
    assert_eq!(of_statement(r#""Effect":"allow","Action":"ab","Other":1"#), SYNTAX);
    assert_eq!(of_statement(r#""Effect":"allow","Action":"ab""#), LEGACY);
    assert_eq!(of_statement(r#""Effect":"Allow","Action":"ab""#), VENDOR);
    let two = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"a:b","Resource":"*"},
                  {"Sid":"A","Effect":"Allow","Action":"a:b""#;
    let without = fault(&format!("{two}}}]}}"), Kind::Identity);
    assert_eq!(without, "Policy statement must contain resources.");
    let with = fault(&format!("{two},\"Resource\":\"*\"}}]}}"), Kind::Identity);
    assert_eq!(with, "Statement IDs (SID) in a single policy must be unique.");
}

#[test]
fn policies_of_trust() {
    let trust = |statement: &str| fault(&around(statement), Kind::Trust);
    let account = r#""Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole""#;
    assert_eq!(trust(account), "fine");
    assert_eq!(fault("x", Kind::Trust), "This policy contains invalid Json");
    assert_eq!(trust(&format!("{account},\"Resource\":\"*\"")), "Has prohibited field Resource");
    assert_eq!(trust(r#""Effect":"Allow","Action":"sts:AssumeRole""#), "Missing required field Principal");
    assert_eq!(
        trust(r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject""#),
        "AssumeRole policy may only specify STS AssumeRole actions."
    );
    for principal in ["x", "11111111111", "arn:aws:iam::111111111111:user/*", "arn:aws:s3:::b"] {
        let statement =
            format!(r#""Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole""#);
        assert_eq!(trust(&statement), format!("Invalid principal in policy: \"AWS\":\"{principal}\""));
    }
}

#[test]
fn documents_that_are_huge_or_deep() {
    let statement = |resource: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":{resource}}}}}"#
        )
    };
    let huge = statement(&format!("\"{}\"", "a".repeat(policy::policy::DOCUMENT_BYTES_MAX)));
    let deep = statement(&format!("{}{}", "[".repeat(50_000), "]".repeat(50_000)));
    let twice = r#"{"Statement":[],"Statement":[]}"#;
    for text in [&huge, &deep, &"{".repeat(100_000), twice] {
        assert!(Policy::parse(text, Kind::Identity).is_err(), "{}", &text[..40.min(text.len())]);
    }
}
