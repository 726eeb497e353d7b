job "encoding" {
  type = "batch"

  meta {
    base64encode  = base64encode("Hello ✓")
    base64decode  = base64decode("SGVsbG8=")
    csvdecode     = jsonencode(csvdecode("a,b\n1,\"x, y\"\n3,4\n"))
    jsonencode    = jsonencode({ list = [1, 2.5, null, true], text = "<a&b>", nested = {} })
    jsondecode    = jsonencode(jsondecode("{\"a\": [1, {\"b\": null}]}"))
    json_number   = jsondecode("9007199254740993")
    urlencode     = urlencode("a b&c=d/é")
    yamldecode    = jsonencode(yamldecode("a: 1\nlist:\n  - x\n  - true\n  - null\ntext: \"y\"\n"))
    yamlencode    = yamlencode({ a = 1, list = ["x", true], "on" = "yes" })
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
