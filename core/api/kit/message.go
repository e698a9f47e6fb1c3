package kit

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"ore.edu.pl/sieci/core/fault"
)

// huma keeps its messages in package variables, in one language. Here each
// becomes "code|argument", and the code is looked up in the catalogue in the
// language of the request. Arguments come from schemas only; those that hold
// input (parse errors quote it) have the code "format" and are dropped.
func init() {
	v := func(msg *string, code string) { *msg = code }
	for _, m := range []*string{
		&validation.MsgExpectedRFC5322Email, &validation.MsgExpectedRFC3986URI, &validation.MsgExpectedRFC4122UUID,
		&validation.MsgExpectedRegexp, &validation.MsgExpectedDuration, &validation.MsgExpectedResolvableSchemaRef,
		&validation.MsgExpectedBePattern, &validation.MsgExpectedMatchPattern, &validation.MsgExpectedConst,
	} {
		v(m, "format|%v")
	}
	for _, m := range []*string{
		&validation.MsgExpectedRFC1123DateTime, &validation.MsgExpectedRFC3339Time, &validation.MsgExpectedRFC5322EmailBare,
		&validation.MsgExpectedRFC5890Hostname, &validation.MsgExpectedRFC2673IPv4, &validation.MsgExpectedRFC2373IPv6,
		&validation.MsgExpectedRFCIPAddr, &validation.MsgExpectedRFC3986AbsoluteURI, &validation.MsgExpectedRFC6570URITemplate,
		&validation.MsgExpectedRFC6901JSONPointer, &validation.MsgExpectedRFC6901RelativeJSONPointer,
		&validation.MsgExpectedMatchAtLeastOneSchema, &validation.MsgExpectedMatchExactlyOneSchema,
		&validation.MsgExpectedNotMatchSchema, &validation.MsgExpectedPropertyNameInObject, &validation.MsgExpectedBase64String,
	} {
		v(m, "format")
	}
	v(&validation.MsgUnexpectedProperty, "unknown")
	v(&validation.MsgExpectedRFC3339DateTime, "datetime")
	v(&validation.MsgExpectedRFC3339Date, "date")
	v(&validation.MsgExpectedBoolean, "boolean")
	v(&validation.MsgExpectedNumber, "number")
	v(&validation.MsgExpectedInteger, "integer")
	v(&validation.MsgExpectedString, "string")
	v(&validation.MsgExpectedArray, "array")
	v(&validation.MsgExpectedObject, "object")
	v(&validation.MsgExpectedArrayItemsUnique, "unique")
	v(&validation.MsgExpectedOneOf, "one_of|%v")
	v(&validation.MsgExpectedMinimumNumber, "minimum|%v")
	v(&validation.MsgExpectedExclusiveMinimumNumber, "above|%v")
	v(&validation.MsgExpectedMaximumNumber, "maximum|%v")
	v(&validation.MsgExpectedExclusiveMaximumNumber, "below|%v")
	v(&validation.MsgExpectedNumberBeMultipleOf, "multiple|%v")
	v(&validation.MsgExpectedMinLength, "min_length|%v")
	v(&validation.MsgExpectedMaxLength, "max_length|%v")
	v(&validation.MsgExpectedMinItems, "min_items|%v")
	v(&validation.MsgExpectedMaxItems, "max_items|%v")
	v(&validation.MsgExpectedMinProperties, "min_items|%v")
	v(&validation.MsgExpectedMaxProperties, "max_items|%v")
	v(&validation.MsgExpectedRequiredProperty, "required|%v")
	v(&validation.MsgExpectedDependentRequiredProperty, "required|%v|%v")

	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		f := invalid(status, errs)
		switch {
		case f.Kind == fault.TooLarge:
			f = fault.New(fault.TooLarge, "api.too_large", "Max", ctx.Operation().MaxBodyBytes>>20)
		case status == http.StatusBadRequest && len(errs) == 0: // huma stops at once when nothing came
			f = fault.New(fault.Invalid, "api.no_body")
		}
		if f.Kind == fault.NotFound {
			status = http.StatusNotFound
		}
		return newProblem(ctx.Context(), f, status)
	}
	// NewError has no request and so no language; huma calls it for the schema
	// of errors only, operations return faults.
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError {
		return &Problem{Type: "about:blank", Status: status}
	}
}

// said are the codes with a text of their own.
var said = map[string]bool{
	"unknown": true, "datetime": true, "date": true, "boolean": true, "number": true, "integer": true, "string": true,
	"array": true, "object": true, "unique": true, "one_of": true, "minimum": true, "above": true, "maximum": true,
	"below": true, "multiple": true, "min_length": true, "max_length": true, "min_items": true, "max_items": true, "required": true,
	"unknown_parameter": true, "required_parameter": true,
}

// invalid is the fault for what huma found wrong with a request.
func invalid(status int, errs []error) *fault.Error {
	switch status {
	case http.StatusBadRequest:
		return fault.New(fault.Invalid, "api.bad_body")
	case http.StatusUnsupportedMediaType:
		return fault.New(fault.Invalid, "api.media_type")
	case http.StatusNotAcceptable:
		return fault.New(fault.Invalid, "api.not_acceptable")
	case http.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "fault.too_large")
	case http.StatusRequestTimeout:
		return fault.New(fault.Unavailable, "api.slow_body")
	case http.StatusUnprocessableEntity:
	default:
		return fault.New(fault.Internal, "fault.internal")
	}
	f := &fault.Error{Kind: fault.Invalid, Key: "api.invalid"}
	var unknown []fault.Field
	for _, err := range errs {
		d, ok := err.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		if strings.HasPrefix(d.ErrorDetail().Location, "path.") {
			return fault.New(fault.NotFound, "fault.not_found") // an id that cannot exist
		}
		if d.ErrorDetail().Message == unknownQuery {
			unknown = append(unknown, field(d.ErrorDetail()))
			continue
		}
		f.Fields = append(f.Fields, field(d.ErrorDetail()))
	}
	// huma finds them by walking a map: the same question gets the same answer.
	slices.SortFunc(unknown, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	f.Fields = append(f.Fields, unknown...)
	return f
}

// unknownQuery is what huma says of a query parameter that no operation has.
const unknownQuery = "unknown query parameter"

// parameters are the sentences about parameters that huma has no variables for.
var parameters = map[string]string{
	unknownQuery: "unknown_parameter", "required query parameter is missing": "required_parameter",
	"required header parameter is missing": "required_parameter", "invalid integer": "integer", "invalid boolean": "boolean", "invalid float": "number",
	"invalid date/time for format " + time.RFC3339Nano: "datetime",
}

// field translates one of huma's details; its Value is never looked at.
func field(d *huma.ErrorDetail) fault.Field {
	place, path, _ := strings.Cut(d.Location, ".")
	code, arg, _ := strings.Cut(d.Message, "|")
	if known, ok := parameters[d.Message]; ok {
		code = known
	}
	if !said[code] {
		code, arg = "format", ""
	}
	if code == "required" {
		arg, _, _ = strings.Cut(arg, "|")
		if path != "" && arg != "" {
			path += "."
		}
		path += arg
	}
	if place != "body" {
		path = place + ":" + path
	}
	if n, err := strconv.ParseFloat(arg, 64); err == nil {
		arg = strconv.FormatFloat(n, 'f', -1, 64) // huma writes the largest as 2.147483647e+09
	}
	return fault.Field{Path: path, Key: "api.field." + code, Args: fault.Args{"Limit": strings.ReplaceAll(arg, ", ", " · ")}}
}
