//! Whom an identity provider vouches for: sessions of roles at STS, identities of pools at Cognito. The provider's keys
//! are in a file, or at a server of this machine.

use super::world::{ACCOUNT, Keys, NOW, TABLE, World, element, get, root};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use sts::Issuers;
use sts::issuers::{KeySource, Loopback};
use wire::json::base64_text;

const ISSUER: &str = "https://idp.example.com";
const NAME: &str = "idp.example.com";
/// A key that only these tests have.
const RSA: &[u8] = include_bytes!("rsa.p8");

/// A provider with a key of each kind.
struct Provider {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    random: SystemRandom,
}

fn url(bytes: &[u8]) -> String {
    base64_text(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

impl Provider {
    fn new() -> Provider {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let ec = EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).expect("a key");
        Provider { rsa: RsaKeyPair::from_pkcs8(RSA).expect("a key"), ec, random }
    }

    fn keys(&self) -> String {
        let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        let point = self.ec.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        json!({"keys": [
            {"kty": "RSA", "kid": "r", "use": "sig", "n": url(&n), "e": url(&e)},
            {"kty": "EC", "kid": "e", "crv": "P-256", "x": url(x), "y": url(y)},
            {"kty": "oct", "kid": "o"},
        ]})
        .to_string()
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", url(header.to_string().as_bytes()), url(claims.to_string().as_bytes()));
        let signature = match header["alg"].as_str() {
            Some("RS256") => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                let done = self.rsa.sign(&RSA_PKCS1_SHA256, &self.random, signed.as_bytes(), &mut signature);
                done.expect("signed");
                signature
            }
            Some("ES256") => self.ec.sign(&self.random, signed.as_bytes()).expect("signed").as_ref().to_vec(),
            _ => Vec::new(),
        };
        format!("{signed}.{}", url(&signature))
    }

    fn rs256(&self, claims: &Value) -> String {
        self.token(&json!({"alg": "RS256", "kid": "r"}), claims)
    }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "ann", "aud": "app", "exp": NOW / 1_000_000 + 600})
}

fn with(change: Value) -> Value {
    let mut claims = claims();
    let change = change.as_object().expect("an object").clone();
    claims.as_object_mut().expect("an object").extend(change);
    claims
}

/// A world whose account knows the provider and has a role for its users, which may reach their own items.
fn world(keys: KeySource) -> World {
    let world = World::trusting(Issuers::default().with(ISSUER, keys));
    world.table();
    world.iam(&[
        ("Action", "CreateOpenIDConnectProvider"),
        ("Url", ISSUER),
        ("ClientIDList.member.1", "app"),
    ]);
    role(&world, "web", &format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{NAME}"), &format!("{NAME}:sub"));
    world
}

fn role(world: &World, name: &str, provider: &str, subject: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity"}});
    let trust = trust.to_string();
    world.iam(&[("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", &trust)]);
    let own = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "dynamodb:*Item",
        "Resource": TABLE, "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [format!("${{{subject}}}")]}}}});
    let own = own.to_string();
    world.iam(&[
        ("Action", "PutRolePolicy"),
        ("RoleName", name),
        ("PolicyName", "p"),
        ("PolicyDocument", &own),
    ]);
}

fn assume(world: &World, role: &str, token: &str) -> (u16, String) {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
    let members = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("RoleArn", arn.as_str()),
        ("RoleSessionName", "web"),
        ("WebIdentityToken", token),
    ];
    world.open_form(&members)
}

fn keys_of(body: &str) -> Keys {
    let part = |name: &str| element(body, name);
    Keys(part("AccessKeyId"), part("SecretAccessKey"), Some(part("SessionToken")))
}

#[test]
fn a_token_is_worth_a_session_that_reaches_its_subjects_items() {
    let (provider, folder) = (Provider::new(), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("keys.json");
    std::fs::write(&file, provider.keys()).expect("written");
    let world = world(KeySource::File(file.clone()));
    for token in [provider.rs256(&claims()), provider.token(&json!({"alg": "ES256", "kid": "e"}), &claims())]
    {
        let (status, body) = assume(&world, "web", &token);
        assert_eq!(status, 200, "{body}");
        assert_eq!(element(&body, "SubjectFromWebIdentityToken"), "ann");
        assert_eq!(element(&body, "Audience"), "app");
        let keys = keys_of(&body);
        assert_eq!(world.dynamodb(&keys, "GetItem", &get("ann")).0, 200);
        assert!(world.dynamodb(&keys, "GetItem", &get("bob")).1.contains("AccessDeniedException"));
    }
    // Keys are read at each use.
    std::fs::write(&file, r#"{"keys": []}"#).expect("written");
    let (_, body) = assume(&world, "web", &provider.rs256(&claims()));
    assert!(body.contains("InvalidIdentityToken"), "{body}");
}

#[test]
fn tokens_that_are_not_taken() {
    let (provider, folder) = (Provider::new(), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("keys.json");
    std::fs::write(&file, provider.keys()).expect("written");
    let world = world(KeySource::File(file));
    let good = provider.rs256(&claims());
    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    let other = url(with(json!({"sub": "bob"})).to_string().as_bytes());
    let swapped = format!("{}.{other}.{signature}", signed.split_once('.').expect("two parts").0);
    let seconds = NOW / 1_000_000;
    for (token, expect) in [
        (swapped, "signature could not be verified"),
        (provider.token(&json!({"alg": "none"}), &claims()), "signature could not be verified"),
        (provider.token(&json!({"alg": "HS256", "kid": "r"}), &claims()), "signature could not be verified"),
        (provider.token(&json!({"alg": "RS256", "kid": "e"}), &claims()), "signature could not be verified"),
        (provider.token(&json!({"alg": "ES256", "kid": "r"}), &claims()), "signature could not be verified"),
        (provider.rs256(&with(json!({"exp": seconds}))), "Token expired"),
        (provider.rs256(&with(json!({"exp": null}))), "Token expired"),
        (provider.rs256(&with(json!({"nbf": seconds + 301}))), "not valid yet"),
        (provider.rs256(&with(json!({"aud": "another"}))), "Incorrect token audience"),
        (
            provider.rs256(&with(json!({"iss": "https://evil.example.com"}))),
            "No OpenIDConnect provider found",
        ),
        (
            provider.rs256(&with(json!({"iss": "https://cognito-identity.amazonaws.com"}))),
            "could not be verified",
        ),
        ("a.b.c".to_owned(), "not a valid JWT"),
    ] {
        let (status, body) = assume(&world, "web", &token);
        assert!(status == 400 && body.contains(expect), "{expect}: {body}");
    }
    let (status, body) = assume(&world, "nobodys", &good);
    assert!(status == 403 && body.contains("AccessDenied"), "{body}");
    assert_eq!(assume(&world, "web", &good).0, 200);
}

/// A server of one page, which closes behind each answer.
fn serving(page: String) -> KeySource {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let serve = move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut asked = [0; 1024];
            let read = stream.read(&mut asked).unwrap_or(0);
            assert!(asked[..read].starts_with(b"GET /keys HTTP/1."));
            _ = write!(stream, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{page}");
        }
    };
    let thread = std::thread::Builder::new().name("keys".to_owned()).spawn(serve);
    drop(thread.expect("a thread"));
    KeySource::Server(Loopback::parse(&format!("http://{address}/keys")).expect("it is here"))
}

#[test]
fn keys_come_from_a_server_of_this_machine() {
    let provider = Provider::new();
    let world = world(serving(provider.keys()));
    assert_eq!(assume(&world, "web", &provider.rs256(&claims())).0, 200);
    let refused = Loopback::parse("http://127.0.0.1:1/keys").expect("it is here");
    let world = self::world(KeySource::Server(refused));
    let (_, body) = assume(&world, "web", &provider.rs256(&claims()));
    assert!(body.contains("retrieve verification key"), "{body}");
}

#[test]
fn a_login_of_a_provider_has_one_identity_of_a_pool() {
    let provider = Provider::new();
    let world = world(serving(provider.keys()));
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{NAME}");
    let pool = json!({"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": true, "AllowClassicFlow": true,
        "OpenIdConnectProviderARNs": [arn]});
    let (status, body) = world.cognito(Some(&root()), "CreateIdentityPool", &pool);
    assert_eq!(status, 200, "{body}");
    let pool = body["IdentityPoolId"].clone();
    let own = "cognito-identity.amazonaws.com";
    for name in ["user", "guest"] {
        role(&world, name, own, &format!("{own}:sub"));
    }
    let arn = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let roles = json!({"IdentityPoolId": pool,
        "Roles": {"authenticated": arn("user"), "unauthenticated": arn("guest")}});
    assert_eq!(world.cognito(Some(&root()), "SetIdentityPoolRoles", &roles).0, 200);

    let ask = |operation: &str, body: Value| world.cognito(None, operation, &body);
    let logins = json!({NAME: provider.rs256(&claims())});
    let (status, body) = ask("GetId", json!({"IdentityPoolId": pool, "Logins": logins}));
    assert_eq!(status, 200, "{body}");
    let identity = body["IdentityId"].as_str().expect("an id").to_owned();
    let again = json!({NAME: provider.token(&json!({"alg": "ES256"}), &with(json!({"exp": NOW})))});
    assert_eq!(
        ask("GetId", json!({"IdentityPoolId": pool, "Logins": again})).1["IdentityId"],
        identity.as_str()
    );
    let bob = json!({NAME: provider.rs256(&with(json!({"sub": "bob"})))});
    let (_, other) = ask("GetId", json!({"IdentityPoolId": pool, "Logins": bob}));
    assert_ne!(other["IdentityId"], identity.as_str());

    let credentials = |identity: &str, logins: &Value| {
        ask("GetCredentialsForIdentity", json!({"IdentityId": identity, "Logins": logins}))
    };
    let (status, body) = credentials(&identity, &logins);
    assert_eq!(status, 200, "{body}");
    let part = |name: &str| body["Credentials"][name].as_str().expect("a part").to_owned();
    let keys = Keys(part("AccessKeyId"), part("SecretKey"), Some(part("SessionToken")));
    assert_eq!(world.dynamodb(&keys, "GetItem", &get(&identity)).0, 200);
    assert!(world.dynamodb(&keys, "GetItem", &get("somebody")).1.contains("assumed-role/user/"));
    for wrong in [bob.clone(), json!({})] {
        let (_, body) = credentials(&identity, &wrong);
        assert!(body["message"].to_string().contains("Logins don't match"), "{body}");
    }
    let foreign = json!({NAME: provider.rs256(&with(json!({"aud": "another"})))});
    let (_, body) = ask("GetId", json!({"IdentityPoolId": pool, "Logins": foreign}));
    assert!(body["message"].to_string().contains("Invalid login token"), "{body}");
    let unknown = json!({"idp.other.com": provider.rs256(&claims())});
    let (_, body) = ask("GetId", json!({"IdentityPoolId": pool, "Logins": unknown}));
    assert!(body["message"].to_string().contains("not from a supported provider"), "{body}");
    let described = json!({"IdentityId": identity});
    assert_eq!(world.cognito(Some(&root()), "DescribeIdentity", &described).1["Logins"], json!([NAME]));

    // The classic flow: a token of the pool, exchanged at STS.
    let (status, body) = ask("GetOpenIdToken", json!({"IdentityId": identity, "Logins": logins}));
    assert_eq!(status, 200, "{body}");
    let token = body["Token"].as_str().expect("a token").to_owned();
    let (status, body) = assume(&world, "user", &token);
    assert_eq!(status, 200, "{body}");
    assert_eq!(element(&body, "Provider"), own);
    assert_eq!(world.dynamodb(&keys_of(&body), "GetItem", &get(&identity)).0, 200);
    assert_eq!(credentials(&identity, &json!({own: token})).0, 200);
    // A guest's token stays a guest's.
    let guest =
        ask("GetId", json!({"IdentityPoolId": pool})).1["IdentityId"].as_str().expect("an id").to_owned();
    let token = ask("GetOpenIdToken", json!({"IdentityId": guest})).1["Token"].clone();
    let (status, body) = credentials(&guest, &json!({own: token}));
    assert_eq!(status, 200, "{body}");
    let part = |name: &str| body["Credentials"][name].as_str().expect("a part").to_owned();
    let keys = Keys(part("AccessKeyId"), part("SecretKey"), Some(part("SessionToken")));
    assert!(world.dynamodb(&keys, "GetItem", &get("somebody")).1.contains("assumed-role/guest/"));
    world.clock.advance_micros(601_000_000);
    let (_, body) = credentials(&guest, &json!({own: token}));
    assert!(body["message"].to_string().contains("Token expired"), "{body}");
}
