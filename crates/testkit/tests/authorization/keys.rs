//! Who may use a key of KMS: its policy, the policies of callers, grants; and what tables need of it.

use super::world::{ACCOUNT, Keys, World, get, root};
use serde_json::{Value, json};

const ALL_OF_KMS: &str = r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#;
const NOTHING_OF_KMS: &str = r#"{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}"#;

fn arn_of(user: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{user}")
}

/// A key whose policy has these statements beside one that lets the account's own credentials in, but not its users.
fn key(world: &World, statements: &[Value]) -> String {
    let root_alone = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalType": "Account"}}});
    let statements: Vec<_> = [root_alone].iter().chain(statements).cloned().collect();
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let (status, body) =
        world.kms(&root(), "CreateKey", &json!({"Policy": policy, "BypassPolicyLockoutSafetyCheck": true}));
    assert_eq!(status, 200, "{body}");
    body["KeyMetadata"]["KeyId"].as_str().expect("a key").to_owned()
}

fn refused((status, body): (u16, Value), told: &str) {
    assert_eq!(status, 400, "{body}");
    assert!(body["__type"].as_str().is_some_and(|code| code.ends_with("AccessDeniedException")), "{body}");
    let text = body["message"].as_str().or(body["Message"].as_str()).unwrap_or_default();
    assert!(text.contains(told), "{body}");
}

fn allowed((status, body): (u16, Value)) -> Value {
    assert_eq!(status, 200, "{body}");
    body
}

#[test]
fn a_keys_policy_decides_who_may_use_it() {
    let world = World::new();
    let ann = world.user("Ann", NOTHING_OF_KMS);
    let bob = world.user("Bob", ALL_OF_KMS);
    let (_, body) = world.kms(&root(), "CreateKey", &json!({}));
    let open = body["KeyMetadata"]["KeyId"].as_str().expect("a key").to_owned();
    let own = key(
        &world,
        &[
            json!({"Effect": "Allow", "Principal": {"AWS": arn_of("Ann")}, "Action": "kms:*", "Resource": "*"}),
            json!({"Effect": "Deny", "Principal": "*", "Action": "kms:DisableKey", "Resource": "*"}),
        ],
    );
    let data_key = |keys: &Keys, id: &str| {
        world.kms(keys, "GenerateDataKey", &json!({"KeyId": id, "KeySpec": "AES_256"}))
    };
    for _ in 0..2 {
        refused(
            data_key(&ann, &open),
            "because no identity-based policy allows the kms:GenerateDataKey action",
        );
        allowed(data_key(&bob, &open));
        allowed(data_key(&ann, &own));
        refused(
            data_key(&bob, &own),
            "because no resource-based policy allows the kms:GenerateDataKey action",
        );
        let disable = json!({"KeyId": own});
        refused(world.kms(&ann, "DisableKey", &disable), "with an explicit deny in a resource-based policy");
        refused(world.kms(&root(), "DisableKey", &disable), "with an explicit deny");
    }
    // Nobody without permissions hears whether a key is there; whoever has them does.
    let missing = json!({"KeyId": "00000000-0000-4000-8000-000000000000"});
    refused(world.kms(&ann, "DescribeKey", &missing), "not authorized to perform: kms:DescribeKey");
    let (_, body) = world.kms(&bob, "DescribeKey", &missing);
    assert!(body["__type"].as_str().is_some_and(|code| code.ends_with("NotFoundException")), "{body}");
    // A ciphertext names its key, whose policy counts.
    let sealed = allowed(data_key(&ann, &own));
    let blob = json!({"CiphertextBlob": sealed["CiphertextBlob"]});
    allowed(world.kms(&ann, "Decrypt", &blob));
    refused(
        world.kms(&bob, "Decrypt", &blob),
        "because no resource-based policy allows the kms:Decrypt action",
    );
}

#[test]
fn policies_see_context_alias_and_tags() {
    let world = World::new();
    let ann = world.user(
        "Ann",
        r#"{"Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:App":"x"}}},
           {"Effect":"Allow","Action":"kms:Encrypt","Resource":"*","Condition":{"StringEquals":{"kms:RequestAlias":"alias/one"}}},
           {"Effect":"Allow","Action":"kms:GetKeyPolicy","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/one"}}},
           {"Effect":"Allow","Action":"kms:DescribeKey","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}"#,
    );
    let made =
        allowed(world.kms(&root(), "CreateKey", &json!({"Tags": [{"TagKey": "Team", "TagValue": "red"}]})));
    let id = made["KeyMetadata"]["KeyId"].clone();
    let other = allowed(world.kms(&root(), "CreateKey", &json!({})))["KeyMetadata"]["KeyId"].clone();
    allowed(world.kms(&root(), "CreateAlias", &json!({"AliasName": "alias/one", "TargetKeyId": id})));
    let no_policy = "because no identity-based policy allows";
    let generate = |context: Value| {
        world.kms(
            &ann,
            "GenerateDataKey",
            &json!({"KeyId": id, "KeySpec": "AES_256", "EncryptionContext": context}),
        )
    };
    allowed(generate(json!({"app": "x"})));
    refused(generate(json!({"app": "y"})), no_policy);
    refused(generate(json!({})), no_policy);
    let encrypt = |named: &Value| world.kms(&ann, "Encrypt", &json!({"KeyId": named, "Plaintext": "YQ=="}));
    allowed(encrypt(&json!("alias/one")));
    refused(encrypt(&id), no_policy);
    for (operation, at_one) in [("GetKeyPolicy", &id), ("DescribeKey", &id)] {
        allowed(world.kms(&ann, operation, &json!({"KeyId": at_one})));
        refused(world.kms(&ann, operation, &json!({"KeyId": other})), no_policy);
    }
}

#[test]
fn a_grant_lets_somebody_use_a_key() {
    let world = World::new();
    let (ann, bob) = (world.user("Ann", NOTHING_OF_KMS), world.user("Bob", NOTHING_OF_KMS));
    let id = key(&world, &[]);
    let within = json!({"a": "1", "b": "2"});
    let sealed = allowed(world.kms(
        &root(),
        "Encrypt",
        &json!({"KeyId": id, "Plaintext": "YQ==", "EncryptionContext": within}),
    ));
    let decrypt = |keys: &Keys, context: &Value| {
        world.kms(
            keys,
            "Decrypt",
            &json!({"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": context}),
        )
    };
    let no_policy = "because no resource-based policy allows";
    refused(decrypt(&ann, &within), no_policy);
    let grant = |keys: &Keys, operations: &[&str], to: &str, constraints: Value| {
        let body = json!({"KeyId": id, "GranteePrincipal": arn_of(to), "RetiringPrincipal": arn_of("Bob"),
            "Operations": operations, "Constraints": constraints});
        world.kms(keys, "CreateGrant", &body)
    };
    let subset = json!({"EncryptionContextSubset": {"a": "1"}});
    let given = allowed(grant(&root(), &["Decrypt", "CreateGrant"], "Ann", subset.clone()));
    for _ in 0..2 {
        allowed(decrypt(&ann, &within));
        refused(decrypt(&ann, &json!({"b": "2"})), no_policy);
        refused(decrypt(&bob, &within), no_policy);
        refused(world.kms(&ann, "DescribeKey", &json!({"KeyId": id})), no_policy);
    }
    // It passes on no more than it has.
    refused(grant(&ann, &["Decrypt"], "Bob", json!({})), no_policy);
    refused(grant(&ann, &["Encrypt"], "Bob", subset.clone()), no_policy);
    allowed(grant(&ann, &["Decrypt"], "Bob", subset));
    allowed(decrypt(&bob, &within));
    // Whom it names may retire it, and nobody else.
    let token = json!({"GrantToken": given["GrantToken"]});
    refused(world.kms(&ann, "RetireGrant", &token), no_policy);
    allowed(world.kms(&bob, "RetireGrant", &token));
    for _ in 0..2 {
        refused(decrypt(&ann, &within), no_policy);
    }
    let wrong = json!({"KeyId": id, "GranteePrincipal": "nobody", "Operations": ["Decrypt"]});
    let (_, body) = world.kms(&root(), "CreateGrant", &wrong);
    assert_eq!(body["message"], "ARN does not refer to a valid principal: nobody", "{body}");
}

#[test]
fn a_table_uses_a_key_by_a_grant_that_its_author_may_give() {
    let world = World::new();
    let (ann, bob) = (world.user("Ann", NOTHING_OF_KMS), world.user("Bob", NOTHING_OF_KMS));
    let through = json!({"Effect": "Allow", "Principal": {"AWS": arn_of("Ann")}, "Resource": "*",
        "Action": ["kms:DescribeKey", "kms:CreateGrant", "kms:GenerateDataKey"],
        "Condition": {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}});
    let id = key(&world, &[through]);
    let create = json!({"TableName": "items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": id}});
    let (status, body) = world.dynamodb(&bob, "CreateTable", &create);
    assert_eq!(status, 400);
    assert!(body.contains("AccessDeniedException") && body.contains("kms:DescribeKey"), "{body}");
    refused(
        world.kms(&ann, "GenerateDataKey", &json!({"KeyId": id, "KeySpec": "AES_256"})),
        "because no resource-based policy allows",
    );
    let (status, body) = world.dynamodb(&ann, "CreateTable", &create);
    assert_eq!(status, 200, "{body}");
    let put = json!({"TableName": "items", "Item": {"pk": {"S": "x"}}});
    // Who uses the table needs nothing of the key.
    for _ in 0..2 {
        assert_eq!(world.dynamodb(&bob, "PutItem", &put).0, 200);
        assert_eq!(world.dynamodb(&bob, "GetItem", &get("x")).0, 200);
    }
    let grants = allowed(world.kms(&root(), "ListGrants", &json!({"KeyId": id})));
    let grant = &grants["Grants"][0];
    assert_eq!(grant["GranteePrincipal"], "dynamodb.us-east-1.amazonaws.com", "{grants}");
    assert_eq!(grant["Constraints"]["EncryptionContextSubset"]["aws:dynamodb:tableName"], "items");
    allowed(world.kms(&root(), "RevokeGrant", &json!({"KeyId": id, "GrantId": grant["GrantId"]})));
    for _ in 0..2 {
        let (status, body) = world.dynamodb(&bob, "GetItem", &get("x"));
        assert_eq!(status, 400);
        assert!(body.contains("com.amazonaws.services.kms.model.AccessDeniedException"), "{body}");
        let (_, body) = world.dynamodb(&root(), "DescribeTable", &json!({"TableName": "items"}));
        assert!(body.contains("INACCESSIBLE_ENCRYPTION_CREDENTIALS"), "{body}");
    }
}

#[test]
fn the_audit_log_says_which_service_uses_a_key() {
    let world = World::new();
    let ann = world.user("Ann", r#"{"Effect":"Allow","Action":["dynamodb:*","kms:*"],"Resource":"*"}"#);
    let to_ann =
        json!({"Effect": "Allow", "Principal": {"AWS": arn_of("Ann")}, "Action": "kms:*", "Resource": "*"});
    let id = key(&world, &[to_ann]);
    let create = json!({"TableName": "items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": id}});
    let (status, body) = world.dynamodb(&ann, "CreateTable", &create);
    assert_eq!(status, 200, "{body}");
    for _ in 0..2 {
        assert_eq!(world.dynamodb(&ann, "GetItem", &get("x")).0, 200); // each server has unwrapped the table's key then
    }
    let (by, arn) = ("dynamodb.amazonaws.com", format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{id}"));
    let line =
        |operation: &str, caller: &str, error: &str| format!("kms {operation} {caller} {by} {arn} {error}");
    let of_ann = |operation: &str| line(operation, &arn_of("Ann"), "");
    let asked = ["DescribeKey", "CreateGrant", "GenerateDataKey"].map(of_ann);
    assert_eq!(world.key_uses.take(), asked.into_iter().chain([line("Decrypt", by, "")]).collect());
    allowed(world.kms(&root(), "DisableKey", &json!({"KeyId": id})));
    for _ in 0..2 {
        assert_eq!(world.dynamodb(&ann, "GetItem", &get("x")).0, 400);
    }
    assert_eq!(world.key_uses.take(), [line("Decrypt", by, "DisabledException")].into());
}

#[test]
fn a_deny_in_a_keys_policy_reaches_its_tables() {
    let world = World::new();
    let id = key(&world, &[]);
    let create = json!({"TableName": "items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": id}});
    assert_eq!(world.dynamodb(&root(), "CreateTable", &create).0, 200);
    let with = |deny: Option<Value>| {
        let all =
            json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
        let statements: Vec<_> = std::iter::once(all).chain(deny).collect();
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        allowed(world.kms(&root(), "PutKeyPolicy", &json!({"KeyId": id, "Policy": policy})));
    };
    let deny = |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": condition});
    with(Some(deny(json!({"StringNotEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}))));
    for _ in 0..2 {
        assert_eq!(world.dynamodb(&root(), "GetItem", &get("x")).0, 200);
    }
    with(Some(deny(json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}}))));
    for _ in 0..2 {
        assert_eq!(world.dynamodb(&root(), "GetItem", &get("x")).0, 400);
    }
    with(None);
    for _ in 0..2 {
        assert_eq!(world.dynamodb(&root(), "GetItem", &get("x")).0, 200);
    }
}
