job "crypto" {
  type = "batch"

  meta {
    md5    = md5("hello world")
    sha1   = sha1("hello world")
    sha256 = sha256("hello world")
    sha512 = sha512("hello world")
    uuidv5 = jsonencode([uuidv5("dns", "www.example.com"), uuidv5("url", "https://example.com"), uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com")])
    uuidv4 = jsonencode(strlen(uuidv4()))
    bcrypt = substr(bcrypt("password", 4), 0, 7)
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
