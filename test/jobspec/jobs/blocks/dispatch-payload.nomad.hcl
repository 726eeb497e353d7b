job "dispatch-payload" {
  type = "batch"

  parameterized {
    payload       = "required"
    meta_required = ["user"]
    meta_optional = ["lang", "mode"]
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      dispatch_payload {
        file = "input.json"
      }
    }
  }
}
