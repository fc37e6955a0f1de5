use super::*;

fn parse(line: &str) -> Result<Invocation, Said> {
    Invocation::parse(line.split(' ').map(OsString::from))
}

#[test]
fn flags_of_dynamodb_local_mean_ours() {
    let line =
        "stator -Djava.library.path=./lib -Xmx512m -jar DynamoDBLocal.jar -sharedDb -inMemory -port 9000";
    let invocation = parse(line).expect("DynamoDB Local's usual line");
    assert!(invocation.memory && invocation.shared_regions);
    assert_eq!(invocation.port, Some(9000));

    let invocation = parse("stator -dbPath /data -optimizeDbBeforeStartup -disableTelemetry -cors a,b")
        .expect("its flags");
    assert_eq!(invocation.data_dir, Some("/data".into()));
    assert_eq!(invocation.cors.as_deref(), Some("a,b"));
}

#[test]
fn its_names_with_two_dashes_too() {
    let invocation = parse("stator --in-memory --shared-db --db-path x").expect("aliases");
    assert!(invocation.memory && invocation.shared_regions && invocation.data_dir.is_some());
}

#[test]
fn what_is_unknown_is_refused() {
    for line in
        ["stator --prot 1", "stator -port x", "stator serve", "stator --auth maybe", "stator --port 70000"]
    {
        let said = parse(line).expect_err(line);
        assert_eq!(said.print(), ExitCode::from(2), "{line}");
    }
}

#[test]
fn help_fits_a_screen_and_every_line_a_terminal() {
    let help = Invocation::command().render_help().to_string();
    assert!(help.lines().count() <= 68, "{}", help.lines().count());
    assert!(help.contains("Examples:"));
}
