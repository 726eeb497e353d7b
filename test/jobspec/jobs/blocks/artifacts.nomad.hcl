job "artifacts" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      artifact {
        source = "https://example.com/app.zip"
      }

      artifact {
        source      = "https://example.com/app.bin"
        destination = "local/bin/app"
        mode        = "file"
        insecure    = true
        chown       = true

        options {
          checksum = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
          archive  = false
        }

        headers {
          Authorization = "Bearer ${NOMAD_META_token}"
        }
      }

      artifact {
        source = "git::https://example.com/repo.git"
        mode   = "dir"
      }
    }
  }
}
