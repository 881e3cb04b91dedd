import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { productQuery } from "../../api/queries";
import { PageHeading } from "../../shell/PageHeading";
import { formatPrice } from "../../ui/format";
import { ArrowLeftIcon } from "../../ui/icons";
import { Loaded } from "../../ui/Loaded";
import { Gallery } from "./Gallery";
import "./products.css";

export function ProductPage({ id }: { id: number }) {
  const product = useQuery(productQuery(id));
  return (
    <>
      <Link href="/products" className="back-link">
        <ArrowLeftIcon /> All products
      </Link>
      <div className="product">
        {/* The heading is there before its words are: it took the focus when the page was opened. */}
        <PageHeading title={product.data?.name ?? "Product"} />
        <Loaded query={product} what="This product" skeletons={1}>
          {({ name, images, description, price_cents, currency }) => (
            <>
              <Gallery images={images} label={`Pictures of ${name}`} />
              <div className="product-details">
                <p className="lead">{description}</p>
                <p className="product-price">{formatPrice(price_cents, currency)}</p>
              </div>
            </>
          )}
        </Loaded>
      </div>
    </>
  );
}
