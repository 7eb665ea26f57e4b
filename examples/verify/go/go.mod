module flowhook.example/verify

go 1.21
