//! The AWS SDK for Rust over TLS with signatures that are verified, on a production server of its own.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A server of `stator init`, and its folder.
struct Server {
    process: Child,
    folder: PathBuf,
    url: String,
    key: String,
    secret: String,
}

impl Server {
    fn start(binary: &str) -> Server {
        let folder = std::env::temp_dir().join(format!("stator-secure-{}", std::process::id()));
        let shown = Command::new(binary).arg("init").arg(&folder).output().unwrap().stdout;
        let shown = String::from_utf8(shown).unwrap();
        let after = |text: &str, start: &str| {
            text.split_once(start).unwrap().1.split_whitespace().next().unwrap().to_owned()
        };
        let config = folder.join("stator.toml");
        let mut run = Command::new(binary);
        run.arg("--config").arg(config).args(["--port", "0"]).stdout(Stdio::piped());
        let mut process = run.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Server {
            process,
            url: after(&line, " ready on "),
            key: after(&shown, "AWS_ACCESS_KEY_ID="),
            secret: after(&shown, "AWS_SECRET_ACCESS_KEY="),
            folder,
        }
    }

    fn client(&self, secret: &str, trusts: bool) -> Client {
        let mut trust = TrustStore::empty();
        if trusts {
            trust = trust.with_pem_certificate(std::fs::read(self.folder.join("ca.pem")).unwrap());
        }
        let context = TlsContext::builder().with_trust_store(trust).build().unwrap();
        let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.url)
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new(&self.key, secret, None, None, "test"))
            .http_client(http.tls_context(context).build_https())
            .build();
        Client::from_conf(config)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
        _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_requests_over_tls() {
    let Ok(binary) = std::env::var("STATOR_BIN") else { return };
    let server = Server::start(&binary);
    let client = server.client(&server.secret, true);
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let attribute = AttributeDefinition::builder().attribute_name("pk");
    let attribute = attribute.attribute_type(ScalarAttributeType::S).build().unwrap();
    let create = client.create_table().table_name("items").billing_mode(BillingMode::PayPerRequest);
    create.key_schema(key).attribute_definitions(attribute).send().await.unwrap();
    let value = AttributeValue::S("ä b".into());
    client.put_item().table_name("items").item("pk", value.clone()).send().await.unwrap();
    let get = |client: &Client| client.get_item().table_name("items").key("pk", value.clone()).send();
    assert_eq!(get(&client).await.unwrap().item.unwrap()["pk"], value);

    let refused = get(&server.client("another", true)).await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("InvalidSignatureException"));
    let untrusted = get(&server.client(&server.secret, false)).await.unwrap_err();
    assert!(matches!(untrusted, aws_sdk_dynamodb::error::SdkError::DispatchFailure(_)), "{untrusted:?}");
}
