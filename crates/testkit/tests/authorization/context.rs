//! What conditions may ask of every request: where it came from, how, when, and by whom.

use super::world::{NOW, World, get};
use pipeline::{Peer, Request};
use std::net::IpAddr;

/// Whether a user may read while a condition holds, from an address with or without TLS.
fn may(condition: &str, peer: Option<(&str, bool)>) -> bool {
    let world = World::new();
    world.table();
    let statement = format!(
        r#"{{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*","Condition":{{{condition}}}}}"#
    );
    let ann = world.user("Ann", &statement);
    let mut request = Request::call("DynamoDB_20120810.GetItem", get("x").to_string());
    request = request.with_header(http::header::USER_AGENT, "games/1.0");
    request.peer = peer.map(|(address, is_secure)| {
        let address: IpAddr = address.parse().expect("an address");
        Peer { address, is_secure }
    });
    world.send(&ann, "dynamodb", request).0 == 200
}

#[test]
fn where_a_request_came_from() {
    let office = r#""IpAddress":{"aws:SourceIp":["10.1.0.0/16","2001:db8::/32"]}"#;
    for (address, expected) in
        [("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("2001:db8::1", true), ("10.2.0.1", false)]
    {
        assert_eq!(may(office, Some((address, true))), expected, "{address}");
    }
    assert!(!may(office, None));
    let elsewhere = r#""NotIpAddress":{"aws:SourceIp":"10.1.0.0/16"}"#;
    assert!(!may(elsewhere, Some(("10.1.2.3", true))) && may(elsewhere, Some(("10.2.0.1", true))));
}

#[test]
fn how_when_and_by_whom() {
    let peer = |is_secure| Some(("127.0.0.1", is_secure));
    let tls = r#""Bool":{"aws:SecureTransport":"true"}"#;
    assert!(may(tls, peer(true)) && !may(tls, peer(false)) && !may(tls, None));
    let seconds = NOW / 1_000_000;
    for (condition, expected) in [
        (r#""DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:01Z"}"#.to_owned(), true),
        (r#""DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:01Z"}"#.to_owned(), false),
        (format!(r#""NumericEquals":{{"aws:EpochTime":"{seconds}"}}"#), true),
        (r#""StringLike":{"aws:UserAgent":"games/*"}"#.to_owned(), true),
        (r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/Ann"}"#.to_owned(), true),
        (r#""StringEquals":{"aws:PrincipalType":"User","aws:RequestedRegion":"us-east-1"}"#.to_owned(), true),
        (
            r#""StringEquals":{"aws:PrincipalAccount":"123456789012","aws:ResourceAccount":"123456789012"}"#
                .to_owned(),
            true,
        ),
        (r#""StringEquals":{"aws:username":"Ann"}"#.to_owned(), true),
        (r#""Bool":{"aws:ViaAWSService":"false","aws:PrincipalIsAWSService":"false"}"#.to_owned(), true),
        (r#""Null":{"aws:MultiFactorAuthPresent":"true","aws:TokenIssueTime":"true"}"#.to_owned(), true),
        (r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#.to_owned(), false),
    ] {
        assert_eq!(may(&condition, peer(true)), expected, "{condition}");
    }
}
