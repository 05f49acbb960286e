package crash

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing/fstest"
)

// Bucket and Origin are the bucket and the name of the audit log.
const (
	Bucket = "audit-bucket"
	Origin = "audit.test"
)

// objects implements S3 for one bucket, and KMS for one key.
type objects struct {
	mu      sync.Mutex
	byName  fstest.MapFS
	private *ecdsa.PrivateKey
}

func newObjects() *objects {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // the system has no random numbers
	}
	return &objects{byName: fstest.MapFS{}, private: private}
}

// objectOf returns the name of an object that a path of S3 names.
func objectOf(path string) (name string, ok bool) { return strings.CutPrefix(path, "/"+Bucket+"/") }

// serve serves GetObject and PutObject. One that is not to replace another does not.
func (o *objects) serve(r *http.Request, name string, body []byte) reply {
	o.mu.Lock()
	defer o.mu.Unlock()
	stored, exists := o.byName[name]
	switch {
	case r.Method == http.MethodPut && exists && r.Header.Get("If-None-Match") == "*":
		return xmlError(http.StatusPreconditionFailed, "PreconditionFailed")
	case r.Method == http.MethodPut:
		o.byName[name] = &fstest.MapFile{Data: body}
		return reply{status: http.StatusOK}
	case !exists:
		return xmlError(http.StatusNotFound, "NoSuchKey")
	default:
		return reply{status: http.StatusOK, body: stored.Data}
	}
}

func xmlError(status int, code string) reply {
	return reply{
		status: status, header: http.Header{"Content-Type": {"application/xml"}},
		body: []byte("<Error><Code>" + code + "</Code></Error>"),
	}
}

// sign serves KMS's Sign.
func (o *objects) sign(body []byte) (reply, error) {
	var in struct{ Message []byte }
	if err := json.Unmarshal(body, &in); err != nil {
		return reply{}, err
	}
	signature, err := ecdsa.SignASN1(rand.Reader, o.private, in.Message)
	if err != nil {
		return reply{}, err
	}
	return answer(http.StatusOK, map[string]any{"Signature": signature})
}

// public returns the public half of the key as SubjectPublicKeyInfo.
func (o *objects) public() ([]byte, error) { return x509.MarshalPKIXPublicKey(&o.private.PublicKey) }

// publicKey serves KMS's GetPublicKey.
func (o *objects) publicKey() (reply, error) {
	spki, err := o.public()
	if err != nil {
		return reply{}, err
	}
	return answer(http.StatusOK, map[string]any{"PublicKey": spki})
}

// AuditKey returns the public key of the audit log as SubjectPublicKeyInfo.
func (c *Cloud) AuditKey() ([]byte, error) { return c.objects.public() }

// AuditBucket returns a copy of the bucket of the audit log.
func (c *Cloud) AuditBucket() fs.FS {
	c.objects.mu.Lock()
	defer c.objects.mu.Unlock()
	return maps.Clone(c.objects.byName)
}

// EmptyAuditBucket deletes the objects.
func (c *Cloud) EmptyAuditBucket() {
	c.objects.mu.Lock()
	defer c.objects.mu.Unlock()
	clear(c.objects.byName)
}

// Seal runs seal-audit.
func (c *Cloud) Seal() error {
	var out any
	return c.invokeJSON("seal-audit", struct{}{}, &out)
}
