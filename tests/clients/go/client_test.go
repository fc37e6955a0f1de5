// Package client has the AWS SDK for Go talk to a server over TLS, with signatures that are verified.
package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// server is a production server of `stator init`.
type server struct {
	url, key, secret string
	authority        *x509.CertPool
}

func start(t *testing.T) server {
	binary := os.Getenv("STATOR_BIN")
	if binary == "" {
		t.Skip("STATOR_BIN names no server to start")
	}
	folder := filepath.Join(t.TempDir(), "server")
	shown, err := exec.Command(binary, "init", folder).Output()
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(filepath.Join(folder, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	authority := x509.NewCertPool()
	authority.AppendCertsFromPEM(pem)
	found := func(pattern string, text []byte) string {
		match := regexp.MustCompile(pattern).FindSubmatch(text)
		if match == nil {
			t.Fatalf("%s is not in %s", pattern, text)
		}
		return string(match[1])
	}
	run := exec.Command(binary, "--config", filepath.Join(folder, "stator.toml"), "--port", "0")
	stdout, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Signal(os.Interrupt)
		_ = run.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	line = bytes.TrimSpace(line)
	return server{
		url:       found(` ready on (\S+)`, line),
		key:       found(`AWS_ACCESS_KEY_ID=(\S+)`, shown),
		secret:    found(`AWS_SECRET_ACCESS_KEY=(\S+)`, shown),
		authority: authority,
	}
}

func (s server) client(secret string, authority *x509.CertPool) *dynamodb.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority}, ForceAttemptHTTP2: true}
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint:     aws.String(s.url),
		Region:           "eu-west-1",
		Credentials:      credentials.NewStaticCredentialsProvider(s.key, secret, ""),
		HTTPClient:       &http.Client{Transport: transport},
		RetryMaxAttempts: 1,
	})
}

func TestSignedRequestsOverTLS(t *testing.T) {
	ctx, server := context.Background(), start(t)
	client := server.client(server.secret, server.authority)
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            aws.String("items"),
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	item := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "ä b"}}
	if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("items"), Item: item}); err != nil {
		t.Fatal(err)
	}
	get := &dynamodb.GetItemInput{TableName: aws.String("items"), Key: item}
	read, err := client.GetItem(ctx, get)
	if err != nil || len(read.Item) != 1 {
		t.Fatalf("%v %v", read, err)
	}

	var refused smithy.APIError
	_, err = server.client("another", server.authority).GetItem(ctx, get)
	if !errors.As(err, &refused) || refused.ErrorCode() != "InvalidSignatureException" {
		t.Fatalf("a wrong secret: %v", err)
	}
	var untrusted *tls.CertificateVerificationError
	_, err = server.client(server.secret, x509.NewCertPool()).GetItem(ctx, get)
	if !errors.As(err, &untrusted) {
		t.Fatalf("an authority that is not trusted: %v", err)
	}
}
