package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"testing"

	"github.com/aws/aws-dax-go-v2/dax"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// api is what DynamoDB's client and DAX's have in common.
type api interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactGetItems(context.Context, *dynamodb.TransactGetItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

type item = map[string]types.AttributeValue

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
func n(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }

func keyed(pk, sk string, rest ...item) item {
	made := item{"PK": s(pk), "SK": s(sk)}
	for _, more := range rest {
		for name, value := range more {
			made[name] = value
		}
	}
	return made
}

func startDax(t *testing.T) (*dynamodb.Client, *dax.Dax) {
	binary := os.Getenv("STATOR_BIN")
	if binary == "" {
		t.Skip("STATOR_BIN names no server to start")
	}
	run := exec.Command(binary, "--port", "0", "--memory", "--dax", "--dax-port", "0")
	stdout, err := run.StdoutPipe()
	must(t, err)
	must(t, run.Start())
	t.Cleanup(func() {
		_ = run.Process.Signal(os.Interrupt)
		_ = run.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	must(t, err)
	urls := regexp.MustCompile(` ready on (\S+) and (\S+)`).FindStringSubmatch(line)
	if urls == nil {
		t.Fatalf("no addresses: %s", line)
	}
	keys := credentials.NewStaticCredentialsProvider("local", "local", "")
	http := dynamodb.New(dynamodb.Options{BaseEndpoint: &urls[1], Region: "eu-west-1", Credentials: keys})
	config := dax.DefaultConfig()
	config.HostPorts, config.Region, config.Credentials = []string{urls[2]}, "eu-west-1", keys
	client, err := dax.New(config)
	must(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return http, client
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if !reflect.DeepEqual(got, wanted) {
		shown := func(value any) string {
			text, _ := json.Marshal(value)
			return string(text)
		}
		t.Fatalf("%s: %s is not %s", what, shown(got), shown(wanted))
	}
}

// social is the table of examples/social-app, through any client.
type social struct {
	*testing.T
	api
	table *string
}

func createSocial(t *testing.T, http *dynamodb.Client, name string) {
	text := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: "S"}
	}
	schema := func(pk, sk string) []types.KeySchemaElement {
		return []types.KeySchemaElement{{AttributeName: &pk, KeyType: "HASH"}, {AttributeName: &sk, KeyType: "RANGE"}}
	}
	_, err := http.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:            &name,
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            schema("PK", "SK"),
		AttributeDefinitions: []types.AttributeDefinition{text("PK"), text("SK"), text("GSI1PK"), text("GSI1SK")},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("GSI1"),
			KeySchema:  schema("GSI1PK", "GSI1SK"),
			Projection: &types.Projection{ProjectionType: "ALL"},
		}},
	})
	must(t, err)
}

func (app social) put(item item, condition *string) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: app.table, Item: item, ConditionExpression: condition}}
}

func (app social) add(key item, counter, amount string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName:                 app.table,
		Key:                       key,
		UpdateExpression:          aws.String("ADD #counter :amount"),
		ConditionExpression:       aws.String("attribute_exists(PK)"),
		ExpressionAttributeNames:  map[string]string{"#counter": counter},
		ExpressionAttributeValues: item{":amount": n(amount)},
	}}
}

// transact gives the codes of the reasons why the actions were refused; none if they were done.
func (app social) transact(actions ...types.TransactWriteItem) (codes []string) {
	_, err := app.TransactWriteItems(context.Background(), &dynamodb.TransactWriteItemsInput{TransactItems: actions})
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		for _, reason := range cancelled.CancellationReasons {
			codes = append(codes, aws.ToString(reason.Code))
		}
		return codes
	}
	must(app.T, err)
	return nil
}

func (app social) page(query dynamodb.QueryInput, condition string, values item) *dynamodb.QueryOutput {
	query.TableName, query.KeyConditionExpression, query.ExpressionAttributeValues = app.table, &condition, values
	page, err := app.Query(context.Background(), &query)
	must(app.T, err)
	return page
}

func (app social) profile(id string) item {
	key := keyed("USER#"+id, "USER#"+id)
	found, err := app.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: app.table, Key: key})
	must(app.T, err)
	return found.Item
}

var fresh = aws.String("attribute_not_exists(PK)")

const failed = "ConditionalCheckFailed"

func (app social) run() {
	ctx := context.Background()
	user := func(id, name string) item {
		index := item{"GSI1PK": s("USERNAME#" + name), "GSI1SK": s("USER#" + id)}
		counters := item{"follower_count": n("0"), "post_count": n("0"), "username": s(name)}
		return keyed("USER#"+id, "USER#"+id, index, counters)
	}
	claim := func(name, id string) item {
		return keyed("USERNAME#"+name, "USERNAME#"+name, item{"user_id": s(id)})
	}
	register := func(id, name string) []string {
		return app.transact(app.put(claim(name, id), fresh), app.put(user(id, name), fresh))
	}
	equal(app.T, "nobody is there", app.profile("1"), item(nil))
	equal(app.T, "a name", register("1", "ann"), []string(nil))
	equal(app.T, "another", register("2", "bob"), []string(nil))
	equal(app.T, "a name that is taken", register("3", "ann"), []string{failed, "None"})
	equal(app.T, "the profile", app.profile("1"), user("1", "ann"))
	found := app.page(dynamodb.QueryInput{IndexName: aws.String("GSI1"), Limit: aws.Int32(1)},
		"GSI1PK = :name", item{":name": s("USERNAME#bob")})
	equal(app.T, "by name", found.Items, []item{user("2", "bob")})

	follow := func() []string {
		return app.transact(
			app.put(keyed("USER#1", "FOLLOWING#2", item{"GSI1PK": s("USER#2"), "GSI1SK": s("FOLLOWER#1")}), fresh),
			app.add(keyed("USER#2", "USER#2"), "follower_count", "1"))
	}
	equal(app.T, "following", follow(), []string(nil))
	equal(app.T, "following again", follow(), []string{failed, "None"})
	equal(app.T, "followers", app.profile("2")["follower_count"], n("1"))

	for post := range 5 {
		sk := fmt.Sprintf("POST#2026-01-0%d", post+1)
		made := keyed("USER#2", sk, item{"content": s(sk), "like_count": n("0"), "tags": &types.AttributeValueMemberSS{Value: []string{"x"}}})
		equal(app.T, "posting", app.transact(app.put(made, fresh), app.add(keyed("USER#2", "USER#2"), "post_count", "1")), []string(nil))
	}
	var shown []string
	var last item
	for {
		page := app.page(dynamodb.QueryInput{ScanIndexForward: aws.Bool(false), Limit: aws.Int32(2), ExclusiveStartKey: last},
			"PK = :user AND begins_with(SK, :post)", item{":user": s("USER#2"), ":post": s("POST#")})
		for _, post := range page.Items {
			shown = append(shown, post["SK"].(*types.AttributeValueMemberS).Value[len("POST#2026-01-"):])
		}
		if last = page.LastEvaluatedKey; last == nil {
			break
		}
	}
	equal(app.T, "posts, the latest first", shown, []string{"05", "04", "03", "02", "01"})

	liked := keyed("USER#2", "POST#2026-01-05")
	like := func() []string {
		return app.transact(app.put(keyed("POST#5", "LIKE#1"), fresh), app.add(liked, "like_count", "1"))
	}
	equal(app.T, "liking", like(), []string(nil))
	equal(app.T, "liking again", like(), []string{failed, "None"})
	edit := &dynamodb.UpdateItemInput{
		TableName:                 app.table,
		Key:                       liked,
		UpdateExpression:          aws.String("SET content = :new, edits = if_not_exists(edits, :none) + :one"),
		ConditionExpression:       aws.String("attribute_exists(PK) AND like_count >= :one"),
		ExpressionAttributeValues: item{":new": s("edited"), ":none": n("0"), ":one": n("1")},
		ReturnValues:              types.ReturnValueAllNew,
	}
	edited, err := app.UpdateItem(ctx, edit)
	must(app.T, err)
	equal(app.T, "edits", edited.Attributes["edits"], n("1"))
	edit.Key = keyed("USER#2", "POST#none")
	_, err = app.UpdateItem(ctx, edit)
	var refused *types.ConditionalCheckFailedException
	equal(app.T, "editing what is not there", errors.As(err, &refused), true)

	keys := types.KeysAndAttributes{Keys: []item{keyed("USER#1", "USER#1"), keyed("USER#2", "USER#2"), keyed("USER#9", "USER#9")}}
	for range 2 {
		both, err := app.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{*app.table: keys}})
		must(app.T, err)
		equal(app.T, "profiles", len(both.Responses[*app.table]), 2)
	}
	read, err := app.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		{Get: &types.Get{TableName: app.table, Key: liked}}, {Get: &types.Get{TableName: app.table, Key: keyed("USER#9", "USER#9")}},
	}})
	must(app.T, err)
	equal(app.T, "an edited post", read.Responses[0].Item["content"], s("edited"))
	equal(app.T, "no post", len(read.Responses[1].Item), 0)

	all, err := app.Scan(ctx, &dynamodb.ScanInput{TableName: app.table, FilterExpression: aws.String("begins_with(PK, :user)"),
		ExpressionAttributeValues: item{":user": s("USER#")}, ProjectionExpression: aws.String("PK, SK")})
	must(app.T, err)
	equal(app.T, "users, posts and relations", len(all.Items), 8)
	var deletes []types.WriteRequest
	for _, key := range all.Items {
		deletes = append(deletes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}})
	}
	_, err = app.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{*app.table: deletes}})
	must(app.T, err)
	equal(app.T, "nobody is left", app.profile("1"), item(nil))

	_, err = app.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("none"), Key: liked})
	var missing *types.ResourceNotFoundException
	equal(app.T, "no table", errors.As(err, &missing), true)
}

func TestTheSocialAppOverHTTPAndByDAX(t *testing.T) {
	http, dax := startDax(t)
	for name, client := range map[string]api{"over-http": http, "by-dax": dax} {
		t.Run(name, func(t *testing.T) {
			createSocial(t, http, name)
			social{t, client, &name}.run()
		})
	}
}

func TestWhatIsReadAgainComesFromTheCache(t *testing.T) {
	ctx := context.Background()
	http, dax := startDax(t)
	createSocial(t, http, "items")
	made := keyed("a", "b", item{"n": n("-15"), "l": &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberBOOL{Value: true}, &types.AttributeValueMemberNULL{Value: true}, &types.AttributeValueMemberB{Value: []byte{0, 255}}}}})
	_, err := dax.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("items"), Item: made})
	must(t, err)
	get := &dynamodb.GetItemInput{TableName: aws.String("items"), Key: keyed("a", "b"), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	for _, wasRead := range []bool{true, false} {
		found, err := dax.GetItem(ctx, get)
		must(t, err)
		equal(t, "the item", found.Item, made)
		equal(t, "whether the table was read", found.ConsumedCapacity != nil, wasRead)
	}
	_, err = http.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String("items"), Key: keyed("a", "b")})
	must(t, err)
	found, err := dax.GetItem(ctx, get)
	must(t, err)
	equal(t, "no item", len(found.Item), 0)
}
